import type { PropertySchema } from './config.ts';
import { environmentName } from './environment.ts';
import { PROPERTY_SECTIONS } from './properties.ts';
import { describeAllowed } from './value.ts';

const INTRODUCTION = `# Properties

Generated from the schema in \`src/config/properties.ts\` by \`npm run docs\`; change it there.

A property has the first value found in:

1. the command line: \`weir serve -Dhttp.port=9008\`
2. the environment: \`WEIR_HTTP_PORT=9008\`. The name is in upper case, with \`_\` for each \`.\` and \`__\` for each \`_\`
   of the property's name.
3. a file of \`name=value\` lines, with \`#\` before comments: the one named by \`--config FILE\` or the variable
   \`WEIR_CONFIG\`, else \`weir.conf\` in the working directory
4. the default

A value that is not allowed ends the start with a line that names the property, where the value was written, and what
is allowed. A property that Weir does not know is kept, because scripts read their own settings this way; when its name
looks like a slip, a warning names the property that was probably meant.

Yes-or-no properties also take \`true\`, \`on\`, \`1\` and \`false\`, \`off\`, \`0\`. Bytes may be written with the suffixes K, M,
G and T, powers of 1024. Items of a list are separated by commas.

In Kubernetes a service called \`weir-http\` puts a variable \`WEIR_HTTP_PORT\` of its own into every container; call the
service otherwise, or set \`enableServiceLinks: false\`.
`;

const UNUSED_INTRODUCTION = `## Accepted, without effect

A configuration written for another version or another engine may hold these. They do nothing here; setting one gives
a warning.
`;

/** The page docs/reference/properties.md. */
export function renderPropertiesPage(): string {
  const parts = [INTRODUCTION];
  const unused: PropertySchema[] = [];
  for (const { title, doc, properties } of PROPERTY_SECTIONS) {
    const used = properties.filter((schema) => schema.unused === undefined);
    unused.push(...properties.filter((schema) => schema.unused !== undefined));
    if (used.length > 0)
      parts.push(`## ${title}\n${doc === '' ? '' : `\n${doc}\n`}`, ...used.map(renderProperty));
  }
  if (unused.length > 0) parts.push(UNUSED_INTRODUCTION, renderUnused(unused));
  return parts.join('\n');
}

function renderProperty(schema: PropertySchema): string {
  const facts = [
    `Default ${renderDefault(schema)}`,
    ...(describeAllowed(schema) === 'text' ? [] : [`must be ${describeAllowed(schema)}`]),
    ...(schema.unit === undefined || schema.unit === 'bytes' ? [] : [`in ${schema.unit}`]),
    `environment \`${environmentName(schema.name)}\``,
  ];
  return `### ${schema.name}\n\n${schema.doc}\n\n${facts.join('; ')}.\n`;
}

function renderDefault(schema: PropertySchema): string {
  if (schema.default === '') return 'none';
  const limit = schema.defaultLimit === undefined ? '' : ` (at most ${schema.defaultLimit.doc})`;
  return `\`${schema.default}\`${limit}`;
}

function renderUnused(properties: readonly PropertySchema[]): string {
  const rows = properties.map(
    (schema) => `| \`${schema.name}\` | ${renderDefault(schema)} | ${schema.doc} | ${schema.unused} |`,
  );
  return ['| property | default | meaning | why without effect |', '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}
