import type {Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';
import {Code} from '../../shared/parts/Code';

/** What inviting friends brings, and the code once the member has one. */
export function Referral({snapshot, words}: {snapshot: Snapshot; words: Words}) {
  const referral = snapshot.referral;
  if (!referral) {
    return null;
  }
  const {code, link, points, friend_points: friendPoints, friends, completed} = referral;
  const counts = {friends: words.number(friends), completed: words.number(completed)};
  return (
    <s-section heading={words.say('referral.heading')}>
      <s-stack gap="small-200">
        <s-text>{words.say('referral.what', {points: words.points(points), friend: words.points(friendPoints)})}</s-text>
        {code !== null && (
          <Code id="belong-referral" code={link ?? code} name={words.say('referral.yours')} words={words} />
        )}
        {friends > 0 && <s-text color="subdued">{words.say('referral.count', counts)}</s-text>}
      </s-stack>
    </s-section>
  );
}
