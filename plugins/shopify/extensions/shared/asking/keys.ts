/** The idempotency key of a press: the same until somebody has answered, also after the page was loaded again. */

/** Where a surface keeps small things for this extension. */
export interface Drawer {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<unknown>;
}

// Who comes back later wants it anew; what a lost reply had done is shown to them by then.
const LIVES_MS = 15 * 60 * 1000;

interface Kept {
  key: string;
  at: number;
}

/** What is there while the page is open; the drawer is for after that, and may fail. */
const open = new Map<string, Kept>();

/** wish: what is asked for, in words that are the same for the same. */
export async function keyFor(drawer: Drawer, wish: string, now: number): Promise<string> {
  const kept = open.get(wish) ?? (await drawer.read(nameOf(wish)).catch(() => null));
  const found = isKept(kept) && now - kept.at < LIVES_MS && now >= kept.at ? kept : {key: crypto.randomUUID(), at: now};
  open.set(wish, found);
  await drawer.write(nameOf(wish), found).catch(() => undefined);
  return found.key;
}

/** Somebody has answered: the next press is another one. */
export async function forget(drawer: Drawer, wish: string): Promise<void> {
  open.delete(wish);
  await drawer.delete(nameOf(wish)).catch(() => undefined);
}

function nameOf(wish: string): string {
  return `belong:${wish}`;
}

function isKept(value: unknown): value is Kept {
  const {key, at} = (value ?? {}) as Partial<Kept>;
  return typeof key === 'string' && typeof at === 'number';
}
