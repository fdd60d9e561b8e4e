import type { BgpCalls } from './bgp.ts';
import type { CommandCalls } from './commands.ts';
import type { DefinitionCalls } from './definitions.ts';
import type { HttpCalls } from './http.ts';
import type { MessageCalls } from './messages.ts';
import type { ServerCalls } from './server.ts';
import type { SharedCalls } from './shared.ts';
import type { TypeCalls } from './types.ts';

/**
 * What scripts may call on the main thread, by name. Each area of the API declares its calls in a module of this folder
 * and this type gathers them, so that both sides agree. Arguments and answers are what structured cloning can carry.
 *
 * The first argument that an implementation gets is the caller's context; scripts do not pass it.
 */
export interface FrontCalls
  extends SharedCalls,
    DefinitionCalls,
    ServerCalls,
    BgpCalls,
    MessageCalls,
    CommandCalls,
    HttpCalls,
    TypeCalls {}
