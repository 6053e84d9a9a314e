/** Runs a task for each item, at most `width` at a time; the first failure ends it. Answers in the order of the items. */
export async function sideBySide<T, R>(items: readonly T[], width: number, task: (item: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) answers[index] = await task(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return answers;
}
