/** What residents see; French only until the catalogue of the public pages comes. */
const TEXTS = {
  title: 'Se désabonner des messages',
  ask: 'Souhaitez-vous ne plus recevoir ces messages à cette adresse ?',
  button: 'Ne plus recevoir de messages',
  done: 'C’est fait : cette adresse ne recevra plus ces messages.',
  invalid: 'Ce lien n’est pas valable. Vérifiez qu’il est complet, ou écrivez à votre mairie.',
  later: 'Le service ne répond pas pour le moment. Veuillez réessayer dans quelques minutes.',
} as const;

export type UnsubscribeState = 'ask' | 'done' | 'invalid' | 'later';

/** A whole page without script, picture or anything to load: it shows on any device and tells nobody that it was opened. */
export function unsubscribePage(state: UnsubscribeState): string {
  const form = `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button type="submit">${TEXTS.button}</button></form>`;
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${TEXTS.title}</title>
<style>body{font-family:system-ui,sans-serif;line-height:1.6;max-width:34rem;margin:3rem auto;padding:0 1rem}button{font-size:1rem;padding:.7rem 1.2rem}</style>
</head>
<body>
<main>
<h1>${TEXTS.title}</h1>
<p>${TEXTS[state]}</p>
${state === 'ask' ? form : ''}
</main>
</body>
</html>
`;
}
