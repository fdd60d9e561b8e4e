import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentName, propertyOfEnvironment } from './environment.ts';
import { PROPERTIES } from './properties.ts';
import { renderPropertiesPage } from './reference.ts';
import { parseValue } from './value.ts';

const page = new URL('../../docs/reference/properties.md', import.meta.url);

it('docs/reference/properties.md is what the schema says; npm run docs writes it', () => {
  expect(readFileSync(page, 'utf8')).toBe(renderPropertiesPage());
});

describe.each(PROPERTIES.map((schema) => [schema.name, schema] as const))('%s', (name, schema) => {
  it('is declared once, with a default it allows', () => {
    expect(PROPERTIES.filter((other) => other.name === name)).toHaveLength(1);
    expect(parseValue(schema, schema.default)).toBeDefined();
  });

  it('has an environment variable that leads back to it', () => {
    expect(propertyOfEnvironment(environmentName(name))).toBe(name);
  });

  it('is explained in a sentence', () => {
    expect(schema.doc).toMatch(/^[A-Z`].*\.$/);
  });
});
