import type { TSchema } from '@sinclair/typebox';
import type { Engine } from '../../engine/index.ts';
import { done, json, refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { Group, LabelMap, NameParam, NoParams, NoQuery, UpdatedByName } from '../schemas.ts';

/** What groups and maps have in common: named documents the key functions look values up in. */
interface LookupKind {
  readonly noun: 'group' | 'map';
  readonly use: string;
  readonly content: TSchema;
  readonly example: Readonly<Record<string, readonly string[]>>;
  all(engine: Engine): ReturnType<Engine['groups']>;
  set(engine: Engine, name: string, content: unknown): Promise<void>;
  clear(engine: Engine, name: string): Promise<void>;
}

function lookupRoutesOf({ noun, use, content, example, all, set, clear }: LookupKind): Route[] {
  const group = 'Groups and maps';
  return [
    route({
      method: 'GET',
      path: `/${noun}/json`,
      group,
      summary: `All ${noun}s, each with the time of its last update`,
      params: NoParams,
      query: NoQuery,
      answer: UpdatedByName,
      otherMethods: 404,
      handle: (_request, { engine }) =>
        json(Object.fromEntries(Object.entries(all(engine)).map(([name, { updated }]) => [name, updated]))),
    }),
    route({
      method: 'PUT',
      path: `/${noun}/{name}/json`,
      group,
      summary: `Set a ${noun}, whole`,
      description: `${use} A change applies to running flows at once.`,
      params: NameParam,
      query: NoQuery,
      body: content,
      answer: 'empty',
      errors: { 400: `The name or the ${noun} is wrong; the header \`Weir-Error\` says why.` },
      example: { params: { name: 'sites' }, body: example },
      async handle({ params, body }, { engine }) {
        await set(engine, params.name, body);
        return done();
      },
    }),
    route({
      method: 'GET',
      path: `/${noun}/{name}/json`,
      group,
      summary: `One ${noun}, as it was set`,
      params: NameParam,
      query: NoQuery,
      answer: content,
      errors: { 404: `There is no such ${noun}.` },
      example: { params: { name: 'sites' } },
      handle({ params }, { engine }) {
        const known = all(engine);
        return Object.hasOwn(known, params.name)
          ? json(known[params.name].content)
          : refused(404, `no such ${noun}`);
      },
    }),
    route({
      method: 'DELETE',
      path: `/${noun}/{name}/json`,
      group,
      summary: `Remove a ${noun}, if there is one`,
      params: NameParam,
      query: NoQuery,
      answer: 'empty',
      example: { params: { name: 'unused' } },
      async handle({ params }, { engine }) {
        await clear(engine, params.name);
        return done();
      },
    }),
  ];
}

export const lookupRoutes: readonly Route[] = [
  ...lookupRoutesOf({
    noun: 'group',
    use: 'The key function `group:` gives the label of the longest prefix that holds an address.',
    content: Group,
    example: { berlin: ['10.1.0.0/16', '2001:db8:1::/48'], oslo: ['10.2.0.0/16'] },
    all: (engine) => engine.groups(),
    set: (engine, name, content) => engine.setGroup(name, content),
    clear: (engine, name) => engine.clearGroup(name),
  }),
  ...lookupRoutesOf({
    noun: 'map',
    use: 'The key function `map:` gives the label whose list holds a value.',
    content: LabelMap,
    example: { web: ['80', '443'], mail: ['25', '587'] },
    all: (engine) => engine.maps(),
    set: (engine, name, content) => engine.setMap(name, content),
    clear: (engine, name) => engine.clearMap(name),
  }),
];
