/** An object with those of the members that are not undefined, in their order. */
export function present<T extends object>(members: { [Name in keyof T]-?: T[Name] | undefined }): T {
  const found: Partial<T> = {};
  for (const name in members) {
    const value = members[name];
    if (value !== undefined) found[name] = value as T[typeof name];
  }
  return found as T;
}
