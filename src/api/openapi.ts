import type { TSchema } from '@sinclair/typebox';
import { Problem } from './problem.ts';
import { gatherResources, isTextAnswer, pathParameters, type Route } from './route.ts';

type JsonObject = Record<string, unknown>;

/** The OpenAPI 3.1 document of the routes that are not hidden. */
export function describeApi(routes: readonly Route[], version: string): JsonObject {
  const components: Record<string, JsonObject> = {};
  const paths: Record<string, JsonObject> = {};
  for (const { path, routes: byMethod } of gatherResources(routes.filter((each) => !each.hidden))) {
    const item: JsonObject = {};
    for (const each of Object.values(byMethod)) item[each.method.toLowerCase()] = operation(each, components);
    paths[path] = item;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir REST API',
      version,
      description:
        'Real-time network analytics from sFlow. Errors have an empty body, or a problem body (RFC 9457) where an ' +
        'operation says so; the header `Weir-Error` gives a reason. POST does what PUT does. Answers are never cached ' +
        'and are compressed on request.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(routes.filter((each) => !each.hidden).map((each) => each.group))].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token, where property `auth.tokens` asks for one.',
        },
      },
    },
    security: [{}, { token: [] }],
  };
}

function operation(each: Route, components: Record<string, JsonObject>): JsonObject {
  const described: JsonObject = {
    operationId: operationId(each),
    tags: [each.group],
    summary: each.summary,
  };
  const description = describeRoute(each);
  if (description !== undefined) described['description'] = description;
  const parameters = [...pathParameterList(each, components), ...queryParameterList(each, components)];
  if (parameters.length > 0) described['parameters'] = parameters;
  if (each.body !== undefined) {
    described['requestBody'] = {
      required: true,
      content: {
        'application/json': { schema: refer(each.body, components), ...example(each.example?.body) },
      },
    };
  }
  described['responses'] = responses(each, components);
  return described;
}

/** What there is to say beyond the summary. */
export function describeRoute({ description, role }: Route): string | undefined {
  if (role === undefined) return description;
  const needs = `With tokens, it needs the role \`${role}\`.`;
  return description === undefined ? needs : `${description} ${needs}`;
}

/** `GET /metric/{agent}/json` is `getMetricAgent`: unique, and stable as long as the path is. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word !== 'json');
  return method.toLowerCase() + words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

function pathParameterList(each: Route, components: Record<string, JsonObject>): JsonObject[] {
  return pathParameters(each.path).map((name) => {
    const { description, ...schema } = each.params.properties[name];
    return {
      name,
      in: 'path',
      required: true,
      description,
      schema: refer(schema, components),
      ...example(each.example?.params?.[name]),
    };
  });
}

function queryParameterList(each: Route, components: Record<string, JsonObject>): JsonObject[] {
  if ('patternProperties' in each.query) {
    const filters = {
      name: 'filters',
      in: 'query',
      description: each.query.description,
      style: 'form',
      explode: true,
      schema: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    };
    return [{ ...filters, ...example(each.example?.query) }];
  }
  return Object.entries<TSchema>(each.query.properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema: refer(schema, components),
    ...(schema['type'] === 'array' && { style: 'form', explode: true }),
    ...example(exampleQuery(schema, each.example?.query?.[name])),
  }));
}

/** A query example as a value of the parameter's own type. */
function exampleQuery(schema: JsonObject, value: string | readonly string[] | undefined): unknown {
  if (value === undefined) return undefined;
  if (schema['type'] === 'array') return typeof value === 'string' ? [value] : value;
  return schema['type'] === 'integer' || schema['type'] === 'number' ? Number(value) : value;
}

function responses(each: Route, components: Record<string, JsonObject>): JsonObject {
  const described: Record<string, JsonObject> = {};
  if (each.answer === 'empty') described['204'] = { description: 'Done.' };
  else if (isTextAnswer(each.answer)) {
    const { mediaType = 'text/plain' } = each.answer;
    const content = { [mediaType]: { schema: { type: 'string' } } };
    described['200'] = { description: each.answer.text, content };
  } else {
    const schema = refer(each.answer, components);
    described['200'] = { description: 'The answer.', content: { 'application/json': { schema } } };
  }
  const problem =
    each.own === true
      ? { content: { 'application/problem+json': { schema: refer(Problem, components) } } }
      : {};
  for (const [status, description] of Object.entries(errorStatuses(each)))
    described[status] = { description, ...problem };
  return described;
}

/** Statuses an operation may answer besides success, with their meaning. */
export function errorStatuses(each: Route): Record<string, string> {
  const common: Record<string, string> = {};
  if (checksParameters(each)) common['400'] = 'A parameter is wrong.';
  if (each.method !== 'GET')
    common['403'] = 'Changes are refused: property `http.readonly`, or a token that does not permit them.';
  if (each.method === 'PUT') common['413'] = 'The body is larger than property `http.maxbody` allows.';
  return { ...common, ...each.errors };
}

/** Whether a parameter has a form of its own that a value can miss. */
function checksParameters({ params, query }: Route): boolean {
  const rules = [
    ...Object.values(params.properties),
    ...Object.values(query['properties'] ?? {}),
  ] as TSchema[];
  return rules.some(({ type, pattern }) => type === 'integer' || type === 'number' || pattern !== undefined);
}

function example(value: unknown): JsonObject {
  return value === undefined ? {} : { example: value };
}

/** The schema with every part that has an `$id` replaced by a reference to a component of that name. */
function refer(schema: unknown, components: Record<string, JsonObject>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => refer(item, components));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $id, ...rest } = schema as JsonObject & { $id?: string };
  const entries = Object.entries(rest).map(([key, value]) => [key, refer(value, components)] as const);
  const plain = Object.fromEntries(entries);
  if ($id === undefined) return plain;
  components[$id] = plain;
  return { $ref: `#/components/schemas/${$id}` };
}
