import {useState} from 'preact/hooks';

import {usePress, type Pressed} from '../asking/press';
import {examine, type Offered, type Redeemed} from '../asking/shopper';
import type {Reward} from '../numbers/snapshot';
import type {Acting} from './Rewards';
import {Take} from './Take';

/** So many points as one likes, in steps that the service knows: it is asked once somebody wants to choose. */
export function Slider(
  props: Acting & {
    api: string;
    reward: Reward;
    pressed: Pressed<Redeemed>;
    take: (reward: Reward, points: number) => void;
  },
) {
  const {api, identity, drawer, words, reward, pressed, take} = props;
  const [asked, ask] = usePress<Offered>(drawer);
  const [chosen, setChosen] = useState<number | null>(null);
  if (asked.state !== 'done') {
    return (
      <>
        {(asked.state === 'refused' || asked.state === 'unanswered') && <s-text>{words.say('refused.later')}</s-text>}
        <s-button
          variant="secondary"
          loading={asked.state === 'busy'}
          accessibilityLabel={words.say('reward.chooseFor', {name: reward.name})}
          onClick={() => ask(`examine:${reward.id}`, () => examine(api, identity, reward.id))}
        >
          {words.say('reward.choose')}
        </s-button>
      </>
    );
  }
  const {step_points: step, least_points: least, most_points: most} = asked.done;
  const points = chosen ?? most;
  const isPossible = Number.isSafeInteger(points) && points >= least && points <= most && step > 0 && points % step === 0;
  const range = {least: words.number(least), most: words.points(most), step: words.number(step)};
  return (
    <s-stack gap="small-200">
      <s-number-field
        label={words.say('reward.howMany', range)}
        min={least}
        max={most}
        step={step}
        value={String(points)}
        error={isPossible ? undefined : words.say('refused.steps')}
        onInput={(event) => setChosen(Number((event.currentTarget as unknown as {value: string}).value))}
      />
      <Take
        words={words}
        reward={reward}
        points={points}
        pressed={pressed}
        isOff={!isPossible}
        onClick={() => take(reward, points)}
      />
    </s-stack>
  );
}
