/** What a surface tells, as a component sees it. */

import {useEffect, useState} from 'preact/hooks';

import type {Told} from './metafields';

/** As every surface has them. */
export interface Signal<Value> {
  readonly value: Value;
  subscribe(changed: (value: Value) => void): () => void;
}

/** The value of a signal of the surface, anew whenever it changes. A surface has its signals for as long as it is there. */
export function useValue<Value>(signal: Signal<Value>): Value {
  const [value, setValue] = useState<Value>(signal.value);
  useEffect(() => {
    setValue(() => signal.value);
    return signal.subscribe((changed) => setValue(() => changed));
  }, []);
  return value;
}

/**
 * What was pushed, once it is read; and how to read it again without hiding what is shown meanwhile. about: what it is
 * read for.
 */
export function useTold(read: () => Promise<Told>, about: unknown = null): [Told, () => void] {
  const [told, setTold] = useState<Told>({state: 'reading'});
  const [round, setRound] = useState(0);
  useEffect(() => setTold({state: 'reading'}), [about]);
  useEffect(() => {
    let isCurrent = true;
    read()
      .catch((): Told => ({state: 'failed'}))
      .then((found) => {
        if (isCurrent) {
          setTold(found);
        }
      });
    return () => {
      isCurrent = false;
    };
  }, [about, round]);
  return [told, () => setRound((last) => last + 1)];
}
