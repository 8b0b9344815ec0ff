import type {Words} from '../numbers/words';

/** A code to take along; what copying copies is named for who cannot see it. id: of its own on this page. */
export function Code({id, code, name, words}: {id: string; code: string; name: string; words: Words}) {
  return (
    <s-stack direction="inline" gap="small-200" alignItems="center">
      <s-text type="strong">{code}</s-text>
      <s-button
        variant="secondary"
        command="--copy"
        commandFor={id}
        accessibilityLabel={words.say('voucher.copyOf', {name})}
      >
        {words.say('voucher.copy')}
      </s-button>
      <s-clipboard-item id={id} text={code} />
    </s-stack>
  );
}
