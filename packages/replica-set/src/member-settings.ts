/** How a member takes part in its set: MongoDB's `priority`, `votes`, `hidden` and `tags`. */

export interface MemberOptions {
  /**
   * From 0 to 1000, 1 unless told otherwise: the member with the highest one becomes primary
   * once it has caught up. 0 never stands for election.
   */
  readonly priority?: number;
  /** 0 for a member that keeps the data and has no vote; its priority is 0 then. */
  readonly votes?: 0 | 1;
  /** True for a member that clients are not told of; its priority is 0 then. */
  readonly hidden?: boolean;
  /** What clients choose members by, and custom write concerns count. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Of each tag, how many different values of it have to be among the members that have a write. */
export type TagCounts = Readonly<Record<string, number>>;

export type MemberSettings = Required<MemberOptions>;

/** Fills in what was not told. */
export function settingsOf(options: MemberOptions = {}): MemberSettings {
  const { votes = 1, hidden = false, tags = {} } = options;
  const { priority = hidden || votes === 0 ? 0 : 1 } = options;
  return { priority, votes, hidden, tags };
}

/** The options of each member; throws a RangeError when no set can be made of them. */
export function memberList(members: number | readonly MemberOptions[]): MemberOptions[] {
  if (typeof members === 'number') {
    if ([1, 3, 5, 7].includes(members)) return Array.from({ length: members }, () => ({}));
    throw new RangeError(`a set has 1, 3, 5 or 7 members, not ${members}`);
  }
  if (members.length < 1 || members.length > 7) {
    throw new RangeError(`a set has 1 to 7 members, not ${members.length}`);
  }
  const settings = members.map(settingsOf);
  for (const [index, { priority, votes, hidden }] of settings.entries()) {
    if (!(priority >= 0 && priority <= 1000)) {
      throw new RangeError(`a priority is a number from 0 to 1000, not ${priority}`);
    }
    if (votes !== 0 && votes !== 1) throw new RangeError(`votes are 0 or 1, not ${votes}`);
    if (priority > 0 && (hidden || votes === 0)) {
      throw new RangeError(`member ${index} is hidden or has no vote: its priority has to be 0`);
    }
  }
  if (settings.every(({ priority }) => priority === 0)) {
    throw new RangeError('no member may become primary: one needs a priority above 0');
  }
  return [...members];
}

/** True when members with these tags have as many different values of each tag as are asked for. */
export function meetsTags(
  counts: TagCounts,
  members: readonly Pick<MemberSettings, 'tags'>[],
): boolean {
  return Object.entries(counts).every(([tag, count]) => {
    const tagged = members.filter(({ tags }) => Object.hasOwn(tags, tag));
    return new Set(tagged.map(({ tags }) => tags[tag])).size >= count;
  });
}
