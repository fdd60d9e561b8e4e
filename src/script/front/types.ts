import type * as Sucrase from 'sucrase';
import { WeirError } from '../../common/index.ts';
import type { FrontHandlers } from './handlers.ts';

/** TypeScript, for the threads of scripts. The transformer is here, once, for it is large and few scripts need it. */
export interface TypeCalls {
  /** The text without its types; everything else, and every line, stays. Throws `PROBLEM (LINE:COLUMN)`. */
  stripTypes(text: string): string;
}

export function typeCalls(): FrontHandlers<TypeCalls> {
  return {
    async stripTypes(_context, text) {
      const loaded = (await import('sucrase')) as typeof Sucrase & { default?: typeof Sucrase };
      // A package of CommonJS: bundled, its names are those of its default.
      const { transform } = loaded.default ?? loaded;
      try {
        return transform(text, { transforms: ['typescript'], disableESTransforms: true }).code;
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new WeirError('SCRIPT_SYNTAX', message, { cause });
      }
    },
  };
}
