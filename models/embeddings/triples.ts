/** A sentence, another one that means the same, and a third that shares words with the first but not the meaning. */
export type Triple = { readonly sentence: string; readonly paraphrase: string; readonly distractor: string };

const lines: readonly (readonly [string, string, string])[] = [
  ['How old are you?', 'What is your age?', 'How are you doing today?'],
  ['The cat sleeps on the sofa.', 'A kitten is napping on the couch.', 'The sofa is on sale this week.'],
  ['I lost my wallet at the station.', 'My purse went missing at the train stop.', 'The station was built last year.'],
  [
    'The doctor told me to rest.',
    'My physician advised me to take it easy.',
    'The doctor parked in front of the rest area.',
  ],
  ['It is raining heavily outside.', 'There is a downpour right now.', 'We painted the outside of the house.'],
  ['She bought a new car.', 'She purchased a vehicle.', 'She washed the dishes.'],
  ['The film was boring.', 'The movie was dull.', 'The film crew arrived early.'],
  ['He runs every morning.', 'He goes jogging each day at dawn.', 'He runs a small company in the city.'],
  ['Can I pay by credit card?', 'Do you accept Visa or Mastercard?', 'Can I play a card game?'],
  ['The meeting was postponed.', 'They moved the appointment to a later date.', 'The meeting room has a large table.'],
  ['My phone battery is empty.', 'My mobile has run out of power.', 'My phone number has changed.'],
  ['The price of bread has risen.', 'Bread has become more expensive.', 'The bread has risen in the oven.'],
  ['Where is the nearest hospital?', 'How do I get to the closest clinic?', 'Where did you go to school?'],
  ['I forgot my password.', 'I cannot remember my login code.', 'I forgot to water the plants.'],
  ['The children play in the garden.', 'Kids are having fun in the yard.', 'The garden produces tomatoes.'],
  ['He was fired from his job.', 'He was dismissed from his position.', 'He fired the gun at the target.'],
  ['The flight was delayed by two hours.', 'The plane left two hours late.', 'A flight of stairs leads to the door.'],
  ['This soup is too salty.', 'There is too much salt in the broth.', 'This sea is too cold.'],
  ['The bank approved my loan.', 'The lender agreed to give me credit.', 'We walked along the river bank.'],
  ['I would like to cancel my order.', 'Please revoke the purchase I made.', 'I would like to order a pizza.'],
];

export const triples: readonly Triple[] = lines.map(([sentence, paraphrase, distractor]) => {
  return { sentence, paraphrase, distractor };
});
