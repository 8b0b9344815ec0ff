/** Why something was refused, as a key of the locales. */

import type {Refused} from './call';

const SAID: {[code: string]: string} = {
  'not-enough-points': 'notEnough',
  'redeeming-paused': 'paused',
  'redeeming-ended': 'gone',
  'reward-not-yet': 'gone',
  'reward-over': 'gone',
  'reward-unknown': 'gone',
  'out-of-stock': 'gone',
  'not-in-this-store': 'gone',
  'reward-limit-reached': 'limit',
  'tier-needed': 'tier',
  'not-a-step': 'steps',
  'below-minimum': 'steps',
  'above-maximum': 'steps',
  'too-fast': 'tooFast',
  'signed-out': 'signIn',
  guest: 'signIn',
  'no-member': 'noMember',
  'not-joined': 'noMember',
  'member-left': 'noMember',
  'member-blocked': 'noMember',
  'member-not-active': 'noMember',
};

export function refusalKey(refused: Refused): string {
  return `refused.${SAID[refused.code] ?? 'other'}`;
}
