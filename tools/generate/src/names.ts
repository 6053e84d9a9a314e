/** Given names as the registers of town halls hold them: accents, hyphens, old and new. */
export const FIRST_NAMES =
  `Marie Jean Michel Françoise Pierre Monique Nathalie Philippe Isabelle Alain Sylvie Nicolas Catherine Christophe Martine Patrick Christine Daniel
Valérie Bernard Sandrine Stéphane Céline Frédéric Stéphanie Laurent Sophie Éric Véronique Julien Chantal David Patricia Thomas Aurélie Olivier Anne Sébastien Julie
Claude Dominique Jérôme Brigitte Maxime Annie Alexandre Laurence Guillaume Élodie Didier Émilie Bruno Karine Romain Jacqueline Vincent Laura Gérard Hélène Antoine
Caroline Thierry Camille André Virginie Kévin Lucie Anthony Delphine Jacques Corinne Serge Sarah Marc Pauline Benoît Manon Mathieu Claire Hervé Océane Clément Léa
René Chloé Loïc Inès Raphaël Zoé Noël Anaïs Noémie Maëlle Gaël Maïté Joël Raymonde Yvette Marcel Ginette Roger Odette Lucien Solène Aïcha Mohamed Fatima Karim Samira
Yasmina Rachid João Maria Ana Gwenaëlle Yann Erwan Maël Killian Jean-Pierre Jean-Claude Marie-Thérèse Marie-Claude Anne-Sophie Jean-Baptiste Marie-Noëlle Tiphaine
Cécile Adèle Agnès Édith Éloïse Fanny Gaëtan Geneviève Georges Gilles Grégory Henri Irène Jeanne Josiane Louise Lætitia Madeleine Mireille Nadège Paul Régis Rémi Rose
Simone Suzanne Thérèse Victor Xavier Yves Zélie Léo Jules Hugo Louis Gabriel Adam Arthur Emma Jade Alice Lina Rose Mila Anna Nina Ambre Iris Agathe Léonie`.split(
    /\s+/,
  );

/** Family names, with the particles and apostrophes that break naive programs. */
export const LAST_NAMES = [
  ...`Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert
Fontaine Rousseau Vincent Muller Lefebvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas
Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier
Arnaud Martínez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît
Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte López Jean Dupuy Guillot Hubert Berger Carpentier Sánchez Dupuis Moulin Louis Deschamps Huet Vasseur Pérez Boucher
Fleury Royer Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard Baron Bertin Bailly Hervé Schneider Fernández Collet
Léger Bouvier Julien Prévost Millet Perrot Daniel Cousin Germain Breton Besson Langlois Rémy Pons Pelletier Leblanc Barré Lebrun Marchal Weber Mallet Hamon Boulanger
Jacob Monnier Michaud Rodríguez Guichard Gillet Étienne Grondin Poulain Tessier Chevallier Collin Chauvin Bouchet Gay Lemaître Bénard Maréchal Humbert Reynaud Antoine
Hoarau Perret Barthélemy Cordier Pichon Lejeune Gilbert Lamy Delaunay Pasquier Carlier Laporte Gonçalves Nguyen Tran Diallo Traoré Benali Haddad Yılmaz Kowalski`.split(
    /\s+/,
  ),
  "N'Diaye",
  "D'Hondt",
  'Le Gall',
  'Le Goff',
  'de La Tour',
  'Van den Berghe',
  'Saint-Pierre',
  'Dubois-Martin',
  'Œhler',
].filter((name) => !/[ıŁł]/.test(name));

const WAYS = ['rue', 'avenue', 'boulevard', 'chemin', 'impasse', 'place', 'allée', 'quai', 'route'];
const WAY_NAMES =
  `de la République;Victor Hugo;de l'Église;du 8 Mai 1945;Jean Jaurès;des Écoles;de la Gare;du Général de Gaulle;des Tilleuls;du Moulin;Pasteur;de Verdun;
des Lilas;du Château;de la Fontaine;Émile Zola;du Stade;des Acacias;de la Mairie;du Lavoir;Saint-Exupéry;des Prés;de la Forêt;du Vieux Pont;Louise Michel;de l'Orme`
    .split(';')
    .map((name) => name.trim());

export const WAY_KINDS: readonly string[] = WAYS;
export const WAY_TITLES: readonly string[] = WAY_NAMES;

/** Groups a town hall makes. */
export const GROUPS = [
  'Bord de rivière',
  'Écoles',
  'Centre-bourg',
  'Personnes âgées',
  'Associations',
  'Commerçants',
  'Zone industrielle',
  'Quartier Nord',
  'Quartier Sud',
];
