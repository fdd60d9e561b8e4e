import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Script } from 'node:vm';
import { translate } from './translate.ts';

/** Text that is no program. `at` is `FILE#LINE`. */
export class ScriptSyntaxError extends Error {
  readonly line: number;
  readonly at: string;

  constructor(message: string, file: string, line: number) {
    super(message);
    this.name = 'SyntaxError';
    this.line = line;
    this.at = `${file}#${line}`;
  }
}

/** The files of a script, compiled: the main one and those it includes. Numbered in order. */
export class SourceBook {
  private readonly names: string[] = [];
  private readonly stripTypes: (text: string) => string;

  /** @param stripTypes what takes the types out of TypeScript, and throws `PROBLEM (LINE:COLUMN)` */
  constructor(stripTypes: (text: string) => string) {
    this.stripTypes = stripTypes;
  }

  nameOf(number: number): string | undefined {
    return this.names[number];
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** Relative to the working directory. Throws what reading throws, and ScriptSyntaxError. */
  load(path: string): Script {
    return this.compile(readFileSync(resolve(path), 'utf8'), path);
  }

  compile(text: string, name: string): Script {
    let number = this.names.indexOf(name);
    if (number < 0) number = this.names.push(name) - 1;
    const code = this.withoutTypes(text.replace(/^\uFEFF/, ''), name);
    const { script, error } = attempt(code, name);
    if (script !== undefined && !/\b(?:throw|switch)\b/.test(code)) return script;
    try {
      const translated = translate(code, number);
      return new Script(translated, { filename: name });
    } catch (legacy) {
      // What V8 takes and acorn does not is run as it is; what neither takes is for the one to explain that came farther.
      if (script !== undefined) return script;
      const [first, second] = [syntaxError(error, name), syntaxError(legacy, name)];
      throw second.line > first.line ? second : first;
    }
  }

  private withoutTypes(text: string, name: string): string {
    if (!name.endsWith('.ts')) return text;
    try {
      return this.stripTypes(text);
    } catch (error) {
      const [, problem, line] = /^(?:Error transforming .*?: )?(.*?)(?: \((\d+):\d+\))?$/s.exec(
        error instanceof Error ? error.message : String(error),
      )!;
      throw new ScriptSyntaxError(problem, name, Number(line ?? 1));
    }
  }
}

function attempt(code: string, name: string): { script?: Script; error?: unknown } {
  try {
    return { script: new Script(code, { filename: name }) };
  } catch (error) {
    return { error };
  }
}

/** V8 puts the place in the first line of the stack, acorn at the end of the message. */
function syntaxError(error: unknown, name: string): ScriptSyntaxError {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const [, problem, acornLine] = /^(.*) \((\d+):\d+\)$/s.exec(message) ?? [undefined, message];
  const line = stack.startsWith(`${name}:`) ? /^\d+/.exec(stack.slice(name.length + 1))?.[0] : acornLine;
  return new ScriptSyntaxError(problem, name, Number(line ?? 1));
}
