import type { LearnerState, QueuedPost } from '@holdfast/desk/api';
import type { JSX } from 'preact';
import { reasonsOf } from '../reasons.ts';

interface WhyProps {
  readonly post: QueuedPost;
  readonly learner: LearnerState;
}

/** Why the post stands where it does: each factor in words and as a number, and their product. */
export function Why({ post, learner }: WhyProps): JSX.Element {
  const reasons = reasonsOf(post.why, learner);
  return (
    <section class="why" aria-labelledby="why-title">
      <h3 id="why-title">Why here</h3>
      <table>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Factor</th>
            <th scope="col">What it says</th>
            <th scope="col">Number</th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ name, words, figure }, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{words.join(' ')}</td>
              <td class="figure">
                {index > 0 && '× '}
                {figure}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Priority</th>
            <td>Matched: {post.symbols.map(({ term }) => term).join(', ')}</td>
            <td class="figure">= {post.why.priority.toFixed(3)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
