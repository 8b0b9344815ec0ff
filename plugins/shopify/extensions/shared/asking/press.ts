/** A button that acts: once for each press, however often it is clicked and whatever becomes of the reply. */

import {useRef, useState} from 'preact/hooks';

import {Refused} from './call';
import {forget, keyFor, type Drawer} from './keys';

type Failed = {state: 'refused'; wish: string; refused: Refused} | {state: 'unanswered'; wish: string};
export type Pressed<Done> =
  | {state: 'idle'}
  | {state: 'busy'; wish: string}
  | {state: 'done'; wish: string; done: Done}
  | Failed;
export type Press<Done> = (wish: string, act: (key: string) => Promise<Done>) => Promise<void>;

/** act: does it under this key, and throws Refused or Unanswered. One wish at a time. */
export function usePress<Done>(drawer: Drawer): [Pressed<Done>, Press<Done>] {
  const [pressed, setPressed] = useState<Pressed<Done>>({state: 'idle'});
  // A second click comes before anything is drawn anew.
  const isBusy = useRef(false);
  const press: Press<Done> = async (wish, act) => {
    if (isBusy.current) {
      return;
    }
    isBusy.current = true;
    setPressed({state: 'busy', wish});
    try {
      const done = await act(await keyFor(drawer, wish, Date.now()));
      await forget(drawer, wish);
      setPressed({state: 'done', wish, done});
    } catch (why) {
      setPressed(await whyNot(drawer, wish, why));
    } finally {
      isBusy.current = false;
    }
  };
  return [pressed, press];
}

async function whyNot(drawer: Drawer, wish: string, why: unknown): Promise<Failed> {
  if (!(why instanceof Refused)) {
    // Also a fault of ours: the key is kept, so trying again does it once.
    return {state: 'unanswered', wish};
  }
  if (why.isAnswer) {
    await forget(drawer, wish);
  }
  return {state: 'refused', wish, refused: why};
}
