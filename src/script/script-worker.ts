/** What a script's thread runs. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { readMetadata } from './metadata.ts';
import type { ScriptData } from './protocol.ts';
import { ScriptThread } from './script-thread.ts';

const data = workerData as ScriptData;
const inbox = parentPort!;

// In a thread of its own `exit` ends that thread.
const thread = new ScriptThread(data, () => process.exit());
process.on('uncaughtException', (error) => thread.fail(error));
process.on('unhandledRejection', (reason) => thread.warnOfRejection(reason));

let text: string | undefined;
try {
  text = readFileSync(data.path, 'utf8');
} catch (error) {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  thread.fail(missing ? `${data.path} (No such file or directory)` : error);
}
if (text !== undefined) thread.run(text, readMetadata(text), inbox);
