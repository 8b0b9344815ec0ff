import {sectionsOf, type Programme} from '../../shared/numbers/programme';
import type {Words} from '../../shared/numbers/words';

/** The rules of the programme as sentences, for everybody. */
export function Rules({programme, words}: {programme: Programme; words: Words}) {
  const sections = sectionsOf(programme, words.language);
  if (!sections.length) {
    return null;
  }
  return (
    <s-section heading={words.say('rules.heading')}>
      <s-stack gap="small-200">
        {sections.map((section) => (
          <s-details key={section.key}>
            <s-summary>{section.title}</s-summary>
            <s-unordered-list>
              {section.sentences.map((sentence) => (
                <s-list-item key={sentence}>{sentence}</s-list-item>
              ))}
            </s-unordered-list>
          </s-details>
        ))}
      </s-stack>
    </s-section>
  );
}
