import type {Pressed} from '../asking/press';
import type {Redeemed} from '../asking/shopper';
import type {Reward} from '../numbers/snapshot';
import type {Words} from '../numbers/words';

/** The button that uses points for one reward. */
export function Take(props: {
  words: Words;
  reward: Reward;
  points: number;
  pressed: Pressed<Redeemed>;
  isOff?: boolean;
  onClick: () => void;
}) {
  const {words, reward, points, pressed, isOff, onClick} = props;
  const isBusy = pressed.state === 'busy';
  const isThis = isBusy && pressed.wish.startsWith(`redeem:${reward.id}:`);
  return (
    <s-button
      variant="secondary"
      loading={isThis}
      disabled={isOff || (isBusy && !isThis)}
      accessibilityLabel={words.say('reward.useFor', {points: words.points(points), name: reward.name})}
      onClick={onClick}
    >
      {words.say('reward.use', {points: words.points(points)})}
    </s-button>
  );
}
