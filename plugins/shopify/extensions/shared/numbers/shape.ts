/**
 * Whether something that was pushed has the shape that we know. Either all of it has, or none of it is shown: a guess
 * would be a wrong number.
 */

/** A name of a simple kind (with a question mark where it may be null), a list, a map, a nullable or a record of shapes. */
export type Shape =
  | 'text'
  | 'text?'
  | 'number'
  | 'number?'
  | 'flag'
  | readonly [Shape]
  | {readonly each: Shape}
  | {readonly maybe: Shape}
  | {readonly of: {readonly [name: string]: Shape}};

/** What has a shape. */
export type Shaped<S> = S extends 'text'
  ? string
  : S extends 'text?'
    ? string | null
    : S extends 'number'
      ? number
      : S extends 'number?'
        ? number | null
        : S extends 'flag'
          ? boolean
          : S extends readonly [infer Item]
            ? Shaped<Item>[]
            : S extends {readonly each: infer Item}
              ? Record<string, Shaped<Item>>
              : S extends {readonly maybe: infer Item}
                ? Shaped<Item> | null
                : S extends {readonly of: infer Parts}
                  ? {[Name in keyof Parts]: Shaped<Parts[Name]>}
                  : never;

/** Parts that are not named may be there: a part that is added raises no schema. */
export function has<const S extends Shape>(value: unknown, shape: S): value is Shaped<S> {
  return fits(value, shape);
}

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape === 'string') {
    return (value === null && shape.endsWith('?')) || isSimple(value, shape);
  }
  if (Array.isArray(shape)) {
    return Array.isArray(value) && value.every((item) => fits(item, shape[0]));
  }
  const wanted = shape as Exclude<Shape, string | readonly [Shape]>;
  if ('maybe' in wanted) {
    return value === null || fits(value, wanted.maybe);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const parts = value as Record<string, unknown>;
  return 'each' in wanted
    ? Object.values(parts).every((item) => fits(item, wanted.each))
    : Object.entries(wanted.of).every(([name, part]) => fits(parts[name], part));
}

function isSimple(value: unknown, kind: string): boolean {
  if (kind.startsWith('number')) {
    // Beyond that JavaScript would show another number than was sent.
    return Number.isSafeInteger(value);
  }
  return kind === 'flag' ? typeof value === 'boolean' : typeof value === 'string';
}

/** JSON as a metafield holds it; undefined if it is none. */
export function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
