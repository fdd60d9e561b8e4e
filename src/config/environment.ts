const PREFIX = 'WEIR_';

/** Names a properties file, as `--config` does; not a property itself. */
export const CONFIG_FILE_VARIABLE = 'WEIR_CONFIG';

/** The environment variable of a property: `http.port` is `WEIR_HTTP_PORT`; an underscore of the name is doubled. */
export function environmentName(property: string): string {
  return PREFIX + property.replaceAll('_', '__').replaceAll('.', '_').toUpperCase();
}

/** The property an environment variable stands for, in lower case, or undefined when it is none of ours. */
export function propertyOfEnvironment(variable: string): string | undefined {
  if (!variable.startsWith(PREFIX) || variable === CONFIG_FILE_VARIABLE) return undefined;
  const name = variable
    .slice(PREFIX.length)
    .toLowerCase()
    .replace(/__|_/g, (found) => (found === '_' ? '.' : '_'));
  return name === '' ? undefined : name;
}
