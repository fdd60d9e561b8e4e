import type { KeptPush, PushResult, Speaker, SpeakerCalls, SpeakerPlace } from '../speaker/index.ts';
import type { DocumentStore } from '../store/index.ts';

const NEIGHBOR = 'bgp-neighbor';
const PUSH = 'bgp-push';

/** The kinds of documents that a store for `persistentSpeaker` has. */
export const SPEAKER_KINDS = [NEIGHBOR, PUSH] as const;

interface NeighborDocument {
  readonly router: string;
  readonly json: unknown;
}

/**
 * The speaker, with a memory: neighbours defined by REST and what is pushed to neighbours for good are in the store before
 * the call resolves, and there again at the next start, before any router connects. The store is started and stopped by
 * somebody else.
 */
export function persistentSpeaker(speaker: Speaker, store: DocumentStore): Speaker {
  const keep = async (
    result: PushResult,
    save: (name: string, router: string) => Promise<unknown>,
  ): Promise<void> => {
    if (result.status !== 'done' || result.kept === undefined) return;
    const { router, key } = result.kept;
    await save(`${router} ${key}`, router);
  };
  const after: {
    [K in keyof SpeakerCalls]?: (
      result: ReturnType<SpeakerCalls[K]>,
      args: Parameters<SpeakerCalls[K]>,
    ) => Promise<void>;
  } = {
    async putNeighbor(_, [router, json]) {
      const { address } = (await speaker.call('neighbor', router)) ?? { address: router };
      await store.put(NEIGHBOR, address, { router, json } satisfies NeighborDocument);
    },
    addRoute: (result, [, json, who, why]) =>
      keep(result, (name, router) =>
        store.put(PUSH, name, { router, kind: 'route', json, who, why } satisfies KeptPush),
      ),
    addFlow: (result, [, json, who, why]) =>
      keep(result, (name, router) =>
        store.put(PUSH, name, { router, kind: 'rule', json, who, why } satisfies KeptPush),
      ),
    removeRoute: (result) => keep(result, (name) => store.remove(PUSH, name)),
    removeFlow: (result) => keep(result, (name) => store.remove(PUSH, name)),
  };
  const forget = async (address: string): Promise<void> => {
    for await (const { name, content } of store.documents(PUSH))
      if ((content as KeptPush).router === address) await store.remove(PUSH, name);
    await store.remove(NEIGHBOR, address);
  };
  return {
    async start(): Promise<SpeakerPlace> {
      const neighbors: NeighborDocument[] = [];
      const pushes: KeptPush[] = [];
      for await (const { content } of store.documents(NEIGHBOR)) neighbors.push(content as NeighborDocument);
      for await (const { content } of store.documents(PUSH)) pushes.push(content as KeptPush);
      return speaker.start({ neighbors, pushes });
    },
    stop: () => speaker.stop(),
    health: () => speaker.health(),
    onNews: (listener) => speaker.onNews(listener),
    async call(name, ...args) {
      const deleted = name === 'deleteNeighbor' ? await speaker.call('neighbor', String(args[0])) : undefined;
      const result = await speaker.call(name, ...args);
      if (deleted !== undefined) await forget(deleted.address);
      await after[name]?.(result, args);
      return result;
    },
  };
}
