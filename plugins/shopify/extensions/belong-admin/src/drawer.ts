import type {Drawer} from '../../shared/asking/keys';

interface Storage {
  get(name: string): Promise<unknown>;
  set(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<boolean>;
}

/** The admin's storage by the names that other surfaces have for it. */
export function drawerOf(storage: Storage): Drawer {
  return {
    read: (name) => storage.get(name),
    write: (name, value) => storage.set(name, value),
    delete: (name) => storage.delete(name),
  };
}
