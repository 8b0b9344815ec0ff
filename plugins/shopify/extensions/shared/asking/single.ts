/** For what the surface does by itself, such as putting a code into a cart: not twice at once. */

import {useRef, useState} from 'preact/hooks';

/** Whether something is under way, and how to begin: a second click comes before anything is drawn anew. */
export function useSingle(): [boolean, (act: () => Promise<void>) => Promise<void>] {
  const [isBusy, setBusy] = useState(false);
  const isUnderWay = useRef(false);
  const begin = async (act: () => Promise<void>) => {
    if (isUnderWay.current) {
      return;
    }
    isUnderWay.current = true;
    setBusy(true);
    try {
      await act();
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  return [isBusy, begin];
}
