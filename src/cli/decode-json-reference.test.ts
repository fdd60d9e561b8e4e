import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STRUCTURES } from '../sflow/index.ts';
import { renderDecodeJsonPage } from './decode-json-reference.ts';

const page = new URL('../../docs/reference/decode-json.md', import.meta.url);

describe('docs/reference/decode-json.md', () => {
  it('is what the structures say; npm run docs writes it', () => {
    expect(readFileSync(page, 'utf8')).toBe(renderDecodeJsonPage());
  });

  it('tells of every structure and field', () => {
    const text = renderDecodeJsonPage();
    for (const { enterprise, format, name, fields } of STRUCTURES) {
      const section = text.split(`### ${enterprise}:${format} ${name}\n`)[1]?.split('\n#')[0];
      expect(fields.filter((field) => !section?.includes(`| \`${field.name}\` |`))).toEqual([]);
    }
  });
});
