import { Validator } from '@seriousme/openapi-schema-validator';
import { Value } from '@sinclair/typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_SCRIPTS } from '../script/index.ts';
import { createFakeSpeaker } from './fake-speaker.ts';
import { describeApi } from './openapi.ts';
import { examplePath, gatherResources, isTextAnswer, pathParameters, type Route } from './route.ts';
import { apiRoutes } from './routes/index.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** As much of an OpenAPI document as these tests look at. */
interface Document {
  openapi: string;
  info: { version: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

interface Operation {
  operationId: string;
  tags: string[];
  parameters?: { name: string; in: string; description?: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, object> }>;
}

const document = JSON.parse(JSON.stringify(describeApi(apiRoutes, '1.2.3'))) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method} ${path}`,
    path,
    method,
    operation,
  })),
);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(
    {},
    { scripts: { ...NO_SCRIPTS, appHealth: () => ({ ok: true }) }, speaker: createFakeSpeaker() },
  );
});
afterAll(() => api.stop());

describe('the OpenAPI document', () => {
  it('is what /api-docs answers', async () => {
    const { headers, text } = await api.ask('GET', '/api-docs');
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text)).toEqual(document);
  });

  it('has every documented route and nothing else', () => {
    expect(operations.map(({ name }) => name).sort()).toEqual(
      apiRoutes.map(({ method, path }) => `${method.toLowerCase()} ${path}`).sort(),
    );
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('1.2.3');
  });

  it('has a different operationId for each operation', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^(get|put|delete)[A-Z][A-Za-z0-9]+$/);
  });

  it('refers only to components that are there, and to all of them', () => {
    const used = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(used)].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(JSON.stringify(document)).not.toContain('"$id"');
  });

  it.each(operations)('$name: parameters, groups and errors are described', ({ path, method, operation }) => {
    const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(inPath.map(({ name }) => name)).toEqual(pathParameters(path));
    for (const parameter of operation.parameters ?? []) {
      expect(parameter.description).toMatch(/\.$/);
      expect(parameter.required ?? false).toBe(parameter.in === 'path');
      expect(parameter.schema).toHaveProperty('type');
    }
    expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags));
    expect(operation.requestBody !== undefined).toBe(method === 'put' || isMatchDeleted(method, path));
    const looksOnly = method === 'get' || path === '/v1/bgp/preview';
    expect(Object.keys(operation.responses)[0]).toMatch(looksOnly ? /^200$/ : /^204$/);
  });
});

/** What is withdrawn there has no name, but a match. */
function isMatchDeleted(method: string, path: string): boolean {
  return method === 'delete' && path === '/bgp/flowspec/{router}/json';
}

describe('errors in the document', () => {
  it.each(operations)('$name: a problem on own paths, empty elsewhere', ({ path, operation }) => {
    const own = path === '/live' || path.startsWith('/v1/');
    const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
    for (const [, { content }] of errors)
      expect(Object.keys(content ?? {})).toEqual(own ? ['application/problem+json'] : []);
  });
});

it('the document is valid by the schema of OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

describe('route declarations', () => {
  it.each(apiRoutes)(
    '$method $path: path parameters are those of the schema',
    ({ path, params, summary }) => {
      expect(Object.keys(params.properties).sort()).toEqual(pathParameters(path).sort());
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
    },
  );

  it('a route declared twice is an error', () => {
    expect(() => gatherResources([apiRoutes[0], apiRoutes[0]])).toThrow('declared twice: GET /version');
  });
});

/** The live stream never ends; live.test.ts has its tests. */
function hasAnEnd({ answer }: Route): boolean {
  return !isTextAnswer(answer) || answer.mediaType !== 'text/event-stream';
}

/* In the order of the documents, so that definitions are there when they are asked for. */
describe('every example works', () => {
  it.each(apiRoutes.filter(hasAnEnd))('$method $path', async (route) => {
    const body = route.example?.body;
    const { status, text, headers } = await api.ask(
      route.method,
      examplePath(route),
      body === undefined ? {} : { body: JSON.stringify(body) },
    );
    if (route.answer === 'empty') {
      expect(status).toBe(204);
      return;
    }
    expect(status).toBe(200);
    if (isTextAnswer(route.answer)) {
      expect(headers['content-type']).toBe('text/plain;charset=utf-8');
    } else {
      expect([...Value.Errors(route.answer, JSON.parse(text))]).toEqual([]);
    }
  });
});
