import { existsSync } from 'node:fs';
import { configOf, takeProperties } from './arguments.ts';
import { usageError } from './decode-options.ts';
import { serve } from './serve.ts';

const USAGE = `weir dev FILE … [-Dname=value …] [--config FILE]

What weir serve does, with these scripts; each runs anew when its file, or a file that it includes, is saved. So do the
scripts of applications in app.dir.

  FILE            a script, JavaScript or TypeScript
  -Dname=value    properties, as for weir serve; http.readonly, auth and the like count as there
`;

/** `weir dev`: runs until a signal asks it to end. */
export async function run(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { rest: files, properties, configFile } = takeProperties(args);
  for (const file of files) {
    if (file.startsWith('-')) throw usageError(`'${file}' is not an option`);
    if (!existsSync(file)) throw usageError(`there is no file ${file}`);
    if (file.includes(',')) throw usageError(`${file}: the name of a script may not have a comma`);
  }
  const scripts = files.length === 0 ? [] : [`-Dscript.file=${files.join(',')}`];
  const config = configOf({ properties: [...properties, ...scripts], configFile, rest: [] }, process.env);
  return serve(config, { watch: true });
}
