/**
 * What the invented users say: templates, and the words that fill their {slots}.
 *
 * All made up. A holding's own words are in 'holdings'; the other slots are in
 * 'slots'; {n}, {pct} and {price} are numbers.
 */

/** The holdings of the demo's portfolio that are talked about. */
export type Holding = 'MSFT' | 'AAPL' | 'KO';

/** How one of the users is given to talking. */
export type Temperament =
  | 'administrator'
  | 'barista'
  | 'cashtag-spammer'
  | 'day-trader'
  | 'developer'
  | 'dividend-saver'
  | 'fab-watcher'
  | 'gamer'
  | 'photographer'
  | 'teacher'
  | 'tinkerer'
  | 'traveller';

export const holdings: Readonly<Record<Holding, readonly string[]>> = {
  MSFT: ['Windows', 'Azure', 'Xbox', '$MSFT'],
  AAPL: ['iPhone', 'iPad', 'iPod', '$AAPL'],
  KO: ['Coke', 'Coca Cola', '$KO'],
};

export const slots: Readonly<Record<string, readonly string[]>> = {
  place: ['Lorn', 'Port Averil', 'Hask', 'New Tarn', 'Osser Quay', 'Dunmere', 'Veld', 'Sarrow'],
  weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  month: ['January', 'March', 'April', 'June', 'August', 'October', 'November'],
  hour: ['at 3 am', 'before breakfast', 'over lunch', 'at closing time', 'after midnight'],
  mood: ['surprised', 'not surprised', 'a bit worried', 'quietly pleased', 'puzzled', 'relieved'],
  feeling: [
    'Surprised.',
    'Not surprised.',
    'A bit worried.',
    'Quietly pleased.',
    'Puzzled.',
    'Relieved.',
  ],
  verdict: ['Would go again.', 'Never again.', 'Three stars.', 'Better than it sounds.', 'Hm.'],
  supplier: [
    'a panel maker',
    'a small foundry',
    'the lens supplier',
    'a substrate shop',
    'a hinge shop',
  ],
  part: ['displays', 'camera modules', 'hinges', 'power chips', 'glass backs', 'antennas'],
  source: [
    'shipping records',
    'two job adverts',
    'customs filings',
    'parking lot photos',
    'overtime notices',
  ],
  move: [
    'broke out',
    'gave it all back',
    'is coiling',
    'bounced off the average',
    'gapped down',
    'woke up',
  ],
  plan: [
    'trimming a third',
    'adding on dips',
    'flat into the close',
    'selling calls',
    'doing nothing',
  ],
  claim: [
    '500% gains this week',
    'the list THEY hide',
    'next 10x inside',
    'free signals today',
    'whale alert',
    'guaranteed winners',
  ],
  call: ['Join now', 'Link in bio', 'DM me', 'Only 9 seats left', 'Follow and win'],
  drink: ['flat white', 'cold brew', 'cortado', 'espresso tonic', 'oat latte', 'filter from Hask'],
  dish: ['a toastie', 'noodles', 'cold pizza', 'a cinnamon roll', 'dumplings', 'yesterday’s curry'],
  lapse: [
    'forgot the lid',
    'spilled half of it',
    'charged me twice',
    'ran out of ice',
    'played the same song twice',
  ],
  error: [
    'a 502',
    'a timeout',
    'a red build',
    'an expired certificate',
    'a null where none can be',
    'a wrong time zone',
  ],
  fix: [
    'restarting it',
    'reading the manual',
    'rolling back',
    'one missing comma',
    'turning off the cache',
    'asking a colleague',
  ],
  task: [
    'backups',
    'the print queue',
    'log-ins',
    'our staging slots',
    'the nightly copy',
    'invoices',
  ],
  game: [
    'Lantern Keep',
    'Moss Racers',
    'Harbour 9',
    'The Ninth Ferry',
    'Tiny Orchard',
    'Gravel Kings',
  ],
  player: ['my sister', 'a stranger from Veld', 'the dog, nearly', 'nobody', 'my own ghost lap'],
  subject: [
    'fog over the harbour',
    'a heron',
    'the night market',
    'an empty tram',
    'my neighbour’s roses',
    'frost on wire',
  ],
  gear: [
    'no tripod',
    'a cracked lens cap',
    'one hand',
    'the old charger',
    'gloves on',
    'a borrowed strap',
  ],
  payout: ['reinvested', 'spent on tea', 'in the rainy-day jar', 'kept for the boiler'],
  class: [
    'the fourth years',
    'my evening class',
    'the chess club',
    'a room of nine-year-olds',
    'the night school',
  ],
  lesson: [
    'fractions',
    'stop-motion film',
    'map reading',
    'a class newspaper',
    'the water cycle',
    'spelling',
  ],
  repair: [
    'a new battery',
    'a donor click wheel',
    'one drop of solder',
    'patience and tweezers',
    'a flash card instead of the disk',
  ],
  find: ['flea market', 'drawer', 'lost-and-found box', 'car boot sale', 'charity shop'],
  aside: [
    'More when I know it.',
    'Nobody asked, I know.',
    'Corrections welcome.',
    'That is the third time this {month}.',
    'My neighbour in {place} says the same.',
    'Not advice, I only watch.',
    'I will look again on {weekday}.',
    'The numbers are on the back of an envelope, so be kind.',
    'People in {place} noticed it {hour} and were {mood}.',
    'I wrote it down so that I can be wrong in public later on.',
    'It rained all day in {place}, which explains most of my mood.',
    'Ask me again in {month}.',
  ],
  emoji: ['☕', '🙂', '📷', '🎮', '📈', '🌧️', '👩🏽‍💻', '🍎', '🥤', '🤷', '✨', '🧵'],
  tag: ['#smallthings', '#notes', '#watching', '#overheard', '#longweek', '#receipts'],
  smalltalk: [
    'The bus to {place} was late again, {mood}.',
    'Frost on the window {hour}. {emoji}',
    'Found {n} acorns and a note that says {weekday}.',
    'Somebody in {place} whistles the same tune every {weekday}.',
    'Planted beans in {month}. We shall see. {emoji}',
  ],
};

export const templates: Readonly<Record<Temperament, Partial<Record<Holding, readonly string[]>>>> =
  {
    'fab-watcher': {
      AAPL: [
        '{source} suggest {supplier} in {place} moves {n} lines to {part} for the next {thing}.',
        '{thing} {part}: {supplier} hires {n} people for {month}. Source: {source}. {feeling}',
        '$AAPL build plans down {pct}% for {month} if {source} can be believed.',
        'Lead time for {thing} {part} went from {n} to {n} days since {month}.',
        'Yields at {supplier} near {place} are up {pct}%, which matters for $AAPL more than the keynote.',
      ],
      MSFT: [
        'Azure racks: {supplier} in {place} ships {n} crates a week, says {source}.',
        'Power permits for {n} megawatts in {place}. I count that as Azure until proven otherwise.',
        'Xbox {part} are short again; {supplier} quotes {n} weeks. $MSFT',
      ],
    },
    'day-trader': {
      AAPL: [
        '$AAPL {move} at {price}. I am {plan}.',
        '$AAPL {price}, {pct}% on the day, {plan}.',
        'Long $AAPL, short $MSFT since {weekday}: {pct}% apart. I am {plan}.',
      ],
      MSFT: ['$MSFT {move} at {price}, {plan}.', 'Sold $MSFT {hour}, {pct}% too early. {feeling}'],
      KO: ['$KO {move}. Yes, $KO. {plan}.', 'Short $KO at {price}? I am {mood}, but {plan}.'],
    },
    'cashtag-spammer': {
      AAPL: [
        '🚀 {cashtags} {claim}! {call} {link}',
        '{claim} 🔥 {cashtags} {n} members can’t be wrong {link}',
      ],
      MSFT: [
        '🚨 {cashtags} 🚨 {claim}. {call} {link}',
        '{call}!!! {claim} {cashtags} +{pct}% 💰💰 {link}',
      ],
      KO: [
        '{cashtags} {claim} 👉 {link} 👈',
        '💎 {claim} 💎 {cashtags} {call} before {weekday} {link}',
      ],
    },
    barista: {
      KO: [
        'A {drink} here costs less than a {thing} at the station in {place}. {verdict}',
        '{thing} with {dish} {hour}: they {lapse}. {verdict} {emoji}',
        'Customer asked for a {drink} topped up with {thing}. I made {n} of them. {verdict}',
        'The Coke fridge hums in B flat since {weekday}. {feeling} {emoji}',
        'New Coca Cola glasses came to {place}, {n} of {n} survived the van.',
      ],
      AAPL: ['Somebody paid for {n} {drink}s with an iPhone that had no glass left. {verdict}'],
    },
    developer: {
      MSFT: [
        'Spent {n} hours on {error} that only happens on {thing}. Fixed by {fix}.',
        'Today’s {thing} update: {error} gone, {error} instead. {feeling}',
        'Azure gave me {error} {hour}. {fix} helped, which worries me more.',
        'Our tests on Windows are {pct}% slower since {weekday}; {fix} did nothing.',
      ],
      AAPL: [
        'My app on {thing} shows {error} only in {place}. {fix}?',
        'Review took {n} days, rejected for {error}. {thing} users, sorry. {emoji}',
        'Dropped support for old iPad builds: {pct}% less code, {n} angry letters.',
      ],
    },
    gamer: {
      MSFT: [
        'Lost {n} rounds of {game} on Xbox to {player}. {feeling}',
        '{game} on Xbox {hour}: {n} frames and {error}. {emoji}',
        'Traded {dish} for an Xbox pad with drift. Fixed by {fix}.',
        'Is {game} coming to Windows or only Xbox? Asking for {player}.',
        'Beat {player} at {game}. Xbox now goes back under the bed until {weekday}.',
      ],
      KO: ['{game} all night, {n} Cokes, no regrets until {weekday}. Coke did its part. {emoji}'],
    },
    administrator: {
      MSFT: [
        'Azure region near {place}: {error} on {task} since {hour}. Status page all green.',
        '{task} moved to Azure. Bill {pct}% up, calls {pct}% down. {feeling}',
        'Windows update {weekday}: {n} machines fine, one shows {error}.',
        'Rolled {n} Windows laptops back {hour}. {fix} was plan B.',
        'Azure credits end in {month}. {task} will feel it, so will $MSFT, a little.',
      ],
    },
    photographer: {
      AAPL: [
        'Shot {subject} on the {thing} with {gear}. {feeling} {emoji}',
        'The iPhone sees {subject} {hour} better than I do. {feeling}',
        'Printed {n} iPhone pictures of {subject} for the hall in {place}. {verdict}',
        'Editing {subject} on the iPad with {gear}. {n} layers. {emoji}',
        'iPhone lens scratched in {place}; {subject}, like a painting now.',
      ],
    },
    'dividend-saver': {
      KO: [
        '$KO dividend came {weekday}: {price} cents, {payout}.',
        '{n} years of $KO, {n} splits of patience. Dividend {payout}.',
        'Counted Coke crates at the depot in {place}: {pct}% more than in {month}. Keeping $KO.',
        'Volumes at Coca Cola matter more to me than the price. {pct}% in {month}, {payout}.',
      ],
      MSFT: ['$MSFT raised its payout {pct}%. Mine is {payout}.'],
      AAPL: ['$AAPL pays me {n} a quarter, {payout}. It is a start.'],
    },
    teacher: {
      AAPL: [
        'iPad cart: {n} of {n} charged, {class} did {lesson} anyway. {feeling}',
        '{class} made {lesson} on the iPad {hour}. Proud. {emoji}',
        'One iPad fell from a desk in {place}, {lesson} went on.',
        'Budget for {month}: {n} more iPad covers, no money for {lesson}.',
      ],
      MSFT: ['Windows asked for an update in front of {class}. {lesson} by chalk then. {emoji}'],
    },
    tinkerer: {
      AAPL: [
        'iPod from a {find} in {place}: {repair} and it plays. {emoji}',
        'Third iPod this {month}. {repair}, {n} songs still on it, {mood}.',
        'Who still has an iPod dock? {repair} fixed mine {hour}.',
        'Somebody’s iPod from a {find} holds {n} songs and a voice memo about {subject}.',
      ],
      MSFT: ['Put Windows on a till from a {find}. {repair}, then {error}. {feeling}'],
    },
    traveller: {},
  };

/** What spam names beside the holdings: cashtags that no exchange lists. */
export const otherCashtags: readonly string[] = [
  '$ZZLOR',
  '$QHASK',
  '$XVELD',
  '$YTARN',
  '$ZDUNM',
  '$QQAVE',
  '$XSARO',
  '$ZOSTR',
];
