import type {Drawer} from '../asking/keys';
import {usePress, type Pressed} from '../asking/press';
import {redeem, type Identity, type Redeemed} from '../asking/shopper';
import type {Reward, Snapshot} from '../numbers/snapshot';
import type {Words} from '../numbers/words';
import {Outcome} from './Outcome';
import {Slider} from './Slider';
import {Take} from './Take';

export interface Acting {
  identity: Identity;
  drawer: Drawer;
  words: Words;
}
interface Props extends Acting {
  snapshot: Snapshot;
  rewards: readonly Reward[];
  /** Where our service is; null: nothing can be redeemed from here. */
  api: string | null;
  /** Puts a code into the order; whether that worked. */
  apply?: (code: string) => Promise<boolean>;
  /** Something was redeemed. */
  onRedeemed: () => void;
}

/** What can be had for points, with a button for what can be had now. */
export function Rewards({snapshot, rewards, api, apply, onRedeemed, ...acting}: Props) {
  const {identity, drawer, words} = acting;
  const [pressed, press] = usePress<Redeemed>(drawer);
  const take = (reward: Reward, points?: number) =>
    press(`redeem:${reward.id}:${points ?? ''}`, async (key) => {
      const made = await redeem(api!, identity, key, reward.id, points);
      onRedeemed();
      return made;
    });
  return (
    <s-stack gap="base">
      <Outcome pressed={pressed} api={api} identity={identity} words={words} apply={apply} />
      {rewards.map((reward) => (
        <s-stack key={reward.id} gap="small-200">
          <s-text type="strong">{reward.name}</s-text>
          <HowToHave reward={reward} snapshot={snapshot} api={api} pressed={pressed} take={take} {...acting} />
        </s-stack>
      ))}
    </s-stack>
  );
}

function HowToHave(
  props: Acting & {
    reward: Reward;
    snapshot: Snapshot;
    api: string | null;
    pressed: Pressed<Redeemed>;
    take: (reward: Reward, points?: number) => void;
  },
) {
  const {reward, snapshot, api, pressed, take, words} = props;
  if (reward.why_not !== null) {
    return (
      <s-text color="subdued" lang={snapshot.language}>
        {reward.why_not}
      </s-text>
    );
  }
  if (api === null || !reward.available) {
    return <s-text color="subdued">{words.points(reward.points)}</s-text>;
  }
  return reward.kind === 'slider' ? (
    <Slider {...props} api={api} />
  ) : (
    <Take words={words} reward={reward} points={reward.points} pressed={pressed} onClick={() => take(reward)} />
  );
}
