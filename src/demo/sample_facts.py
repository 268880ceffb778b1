"""Tables of well-known facts for make_samples.py, one fact a line, fields separated by `|`."""


def a(noun):
    """The noun with its article."""
    return f"{'an' if noun[0].lower() in 'aeiou' and not noun.lower().startswith(('uni', 'eu')) else 'a'} {noun}"


class _An(dict):
    def __missing__(self, key):
        return a(key)


AN = _An()


def rows(table):
    """The fields of each line."""
    return [tuple(field.strip() for field in line.split("|")) for line in table.strip().splitlines()]


def element_kind(n):
    """The family of the element with that number."""
    if n == 1 or n in (6, 7, 8, 15, 16, 34):
        return "nonmetal"
    if n in (2, 10, 18, 36, 54, 86):
        return "noble gas"
    if n in (9, 17, 35, 53, 85):
        return "halogen"
    if n in (3, 11, 19, 37, 55, 87):
        return "alkali metal"
    if n in (4, 12, 20, 38, 56, 88):
        return "alkaline earth metal"
    if n in (5, 14, 32, 33, 51, 52):
        return "metalloid"
    if 57 <= n <= 71:
        return "lanthanide"
    if 89 <= n <= 103:
        return "actinide"
    if n in (13, 31, 49, 50, 81, 82, 83, 84):
        return "post-transition metal"
    if n >= 109:
        return "superheavy element"
    return "transition metal"


ZONES = """
Africa/Abidjan Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi Africa/Tunis America/Anchorage
America/Argentina/Buenos_Aires America/Bogota America/Caracas America/Chicago America/Denver America/Halifax America/Havana
America/Lima America/Los_Angeles America/Mexico_City America/New_York America/Nuuk America/Panama America/Phoenix
America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver Antarctica/McMurdo Antarctica/Troll
Asia/Baghdad Asia/Bangkok Asia/Colombo Asia/Dhaka Asia/Dubai Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem Asia/Kabul Asia/Karachi
Asia/Kathmandu Asia/Kolkata Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Tashkent Asia/Tehran Asia/Tokyo
Asia/Yangon Atlantic/Azores Atlantic/Canary Atlantic/Reykjavik Australia/Adelaide Australia/Brisbane Australia/Darwin
Australia/Lord_Howe Australia/Perth Australia/Sydney Europe/Athens Europe/Berlin Europe/Helsinki Europe/Istanbul Europe/Lisbon
Europe/London Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris Europe/Rome Europe/Vienna Europe/Warsaw Europe/Zurich
Indian/Maldives Indian/Mauritius Pacific/Apia Pacific/Auckland Pacific/Chatham Pacific/Fiji Pacific/Honolulu Pacific/Kiritimati
Pacific/Marquesas Pacific/Pago_Pago Pacific/Port_Moresby Pacific/Tongatapu
""".split()


def commands():
    """name, what it does, tags."""
    table = """
awk|runs small programs on each line of a text that matches a pattern|posix text
basename|prints the last part of a path|posix files
cat|copies files one after another to its output|posix files
chgrp|changes the group that owns a file|posix files
chmod|changes the permission bits of a file|posix files
chown|changes the owner of a file|posix files
cmp|compares two files byte by byte|posix files
comm|shows which lines two sorted files have in common|posix text
cp|copies files and directories|posix files
cron|runs commands at fixed times, dates or intervals|system
curl|transfers data to and from servers by URL|network
cut|prints chosen columns or fields of each line|posix text
date|prints or sets the date and the time|posix system
dd|copies a file in blocks and converts it on the way|posix files
df|shows how much space is free on each file system|posix system
diff|shows the lines in which two files differ|posix text
dig|asks name servers for records of the domain name system|network
du|adds up the space that files take on the disk|posix files
echo|prints its arguments|posix shell
ed|edits a text line by line without a screen|posix text
env|runs a program in a changed environment|posix shell
find|walks a directory tree and selects files by their properties|posix files
fold|breaks long lines to a given width|posix text
git|keeps the history of the files of a project|development
grep|prints the lines that match a regular expression|posix text
gzip|compresses files with the deflate method|compression
head|prints the first lines of a file|posix text
iconv|converts a text from one character encoding to another|posix text
id|prints the user and the groups that a process runs as|posix system
join|joins the lines of two sorted files on a common field|posix text
kill|sends a signal to a process|posix process
less|shows a text one screen at a time|text
ln|makes hard and symbolic links to a file|posix files
ls|lists the contents of a directory|posix files
make|rebuilds the targets whose sources are newer|posix development
man|shows the manual page of a command|posix system
mkdir|makes directories|posix files
mkfifo|makes a named pipe|posix files
mount|attaches a file system to the directory tree|system
mv|moves or renames files|posix files
nice|runs a program with another scheduling priority|posix process
nl|numbers the lines of a text|posix text
nohup|runs a program that goes on after its terminal is closed|posix process
od|dumps a file in octal or hexadecimal numbers|posix files
paste|puts the lines of several files side by side|posix text
patch|applies the changes that diff has written|posix development
ping|measures how long a packet takes to a host and back|network
ps|lists the processes that are running|posix process
pwd|prints the current working directory|posix files
rm|removes files and directories|posix files
rmdir|removes empty directories|posix files
rsync|copies only the differences between two directory trees|network files
sed|edits a stream of text with a script|posix text
seq|prints a sequence of numbers|shell
shuf|puts the lines of a text into random order|text
sleep|waits for a number of seconds|posix shell
sort|sorts the lines of a text|posix text
split|cuts a file into pieces|posix files
ssh|opens an encrypted session on another host|network
stat|shows the size, owner and times of a file|files
strace|prints the system calls that a process makes|development process
strings|prints the readable text in a binary file|posix development
sudo|runs a command as another user|system
tail|prints the last lines of a file and can follow it as it grows|posix text
tar|packs many files into one archive|files compression
tee|copies its input to a file and to its output|posix shell
test|checks a condition and tells the result by its exit status|posix shell
time|measures how long a program runs|posix process
top|shows the busiest processes and refreshes the list|process
touch|sets the times of a file or makes it empty|posix files
tr|replaces or deletes single characters|posix text
umask|sets the permissions that new files do not get|posix files
uname|prints the name and the release of the operating system|posix system
uniq|drops repeated neighbouring lines|posix text
wc|counts lines, words and bytes|posix text
who|lists the users that are logged in|posix system
xargs|builds command lines from its input and runs them|posix shell
yes|prints a line again and again until it is stopped|shell
"""
    return [(name, what, tags.split()) for name, what, tags in rows(table)]


def languages():
    """name, year, designers, what it is."""
    table = """
Fortran|1957|John Backus|a compiled language for numerical work
Lisp|1958|John McCarthy|a language whose programs are lists that programs can change
COBOL|1959|the CODASYL committee|a language for business records with English keywords
BASIC|1964|John Kemeny and Thomas Kurtz|a simple language made for students
Simula|1967|Ole-Johan Dahl and Kristen Nygaard|the first language with classes and objects
Forth|1970|Charles Moore|a stack-based language with a tiny core
Pascal|1970|Niklaus Wirth|a structured language for teaching
Prolog|1972|Alain Colmerauer|a logic language that searches for proofs
Smalltalk|1972|Alan Kay and Dan Ingalls and Adele Goldberg|a language in which everything is an object that receives messages
C|1972|Dennis Ritchie|a language close to the machine in which Unix was rewritten
ML|1973|Robin Milner|a functional language that infers all types
Scheme|1975|Guy Steele and Gerald Sussman|a minimal dialect of Lisp with lexical scope
AWK|1977|Alfred Aho and Peter Weinberger and Brian Kernighan|a language for matching and changing lines of text
Ada|1980|Jean Ichbiah|a strict language for embedded and safety-critical systems
C++|1985|Bjarne Stroustrup|an extension of C with classes and templates
Objective-C|1984|Brad Cox and Tom Love|an extension of C with the messages of Smalltalk
Eiffel|1986|Bertrand Meyer|an object-oriented language with contracts
Erlang|1986|Joe Armstrong and Robert Virding and Mike Williams|a language of isolated processes, made for telephone exchanges
Perl|1987|Larry Wall|a scripting language for text with strong regular expressions
Tcl|1988|John Ousterhout|a scripting language in which everything is a string
Haskell|1990|a committee of researchers|a lazy, purely functional language
Python|1991|Guido van Rossum|a readable scripting language with significant indentation
Lua|1993|Roberto Ierusalimschy and Waldemar Celes and Luiz Henrique de Figueiredo|a small scripting language to embed in other programs
R|1993|Ross Ihaka and Robert Gentleman|a language for statistics and graphics
Ruby|1995|Yukihiro Matsumoto|an object-oriented scripting language made for the joy of its users
Java|1995|James Gosling|a class-based language that runs on a virtual machine
JavaScript|1995|Brendan Eich|the scripting language of web browsers
PHP|1995|Rasmus Lerdorf|a scripting language mixed into web pages
OCaml|1996|Xavier Leroy and Jérôme Vouillon and Damien Doligez and Didier Rémy|a dialect of ML with objects and a fast compiler
C#|2000|Anders Hejlsberg|a class-based language for the .NET platform
D|2001|Walter Bright|a systems language that cleans up C++
Scala|2004|Martin Odersky|a language that joins objects and functions on the Java machine
F#|2005|Don Syme|a functional language for the .NET platform
Clojure|2007|Rich Hickey|a dialect of Lisp with immutable data
Go|2009|Robert Griesemer and Rob Pike and Ken Thompson|a small compiled language with cheap concurrent routines
Rust|2015|Graydon Hoare|a systems language that proves memory safety by ownership
Kotlin|2011|JetBrains|a concise language for the Java machine and for Android
Dart|2011|Lars Bak and Kasper Lund|a client language of the Flutter toolkit
Elixir|2012|José Valim|a functional language on the machine of Erlang
Julia|2012|Jeff Bezanson and Stefan Karpinski and Viral Shah and Alan Edelman|a fast dynamic language for numerical computing
TypeScript|2012|Anders Hejlsberg|a superset of JavaScript with static types
Swift|2014|Chris Lattner|a compiled language for the devices of Apple
Zig|2016|Andrew Kelley|a systems language with compile-time evaluation instead of macros
"""
    return [(name, int(year), who, what) for name, year, who, what in rows(table)]


def algorithms():
    """name, year or nothing, who, what it does."""
    table = """
Euclid's algorithm|||finds the greatest common divisor of two numbers by repeated division
The sieve of Eratosthenes|||lists all prime numbers up to a limit by crossing out multiples
Binary search|||finds a value in a sorted array in logarithmic time
Bubble sort|||sorts by swapping neighbours and takes quadratic time
Insertion sort|||sorts by inserting each item into the sorted part and is fast on nearly sorted data
Merge sort|1945|John von Neumann|sorts by merging sorted halves in n log n time and keeps equal items in order
Quicksort|1961|Tony Hoare|sorts by partitioning around a pivot, in n log n time on average
Heapsort|1964|J. W. J. Williams|sorts in place with a binary heap in n log n time
Dijkstra's algorithm|1959|Edsger Dijkstra|finds the shortest paths from one node of a graph without negative weights
The A* search|1968|Peter Hart and Nils Nilsson and Bertram Raphael|finds a shortest path with the help of an estimate of the remaining distance
Kruskal's algorithm|1956|Joseph Kruskal|builds a minimum spanning tree by adding the lightest edges first
Huffman coding|1952|David Huffman|compresses data by giving short codes to frequent symbols
The fast Fourier transform|1965|James Cooley and John Tukey|turns a signal into its frequencies in n log n time
The simplex method|1947|George Dantzig|solves linear programs by walking along the corners of a polytope
RSA encryption|1977|Ron Rivest and Adi Shamir and Leonard Adleman|encrypts with a public key and rests on the difficulty of factoring
Diffie-Hellman key exchange|1976|Whitfield Diffie and Martin Hellman|lets two parties agree on a secret over an open line
The Knuth-Morris-Pratt algorithm|1977|Donald Knuth and James Morris and Vaughan Pratt|searches a word in a text in linear time
The Boyer-Moore algorithm|1977|Robert Boyer and Strother Moore|searches a word in a text and skips most characters
The Bloom filter|1970|Burton Bloom|tells whether an item may be in a set, with false positives but no false negatives
The B-tree|1972|Rudolf Bayer and Edward McCreight|keeps sorted data in wide nodes that suit disks
The skip list|1990|William Pugh|keeps sorted data in linked lists with random express lanes
PageRank|1998|Larry Page and Sergey Brin|ranks web pages by the links that point to them
The Levenshtein distance|1965|Vladimir Levenshtein|counts the edits that turn one word into another
k-means clustering|1957|Stuart Lloyd|groups points around means that are moved until they settle
Backpropagation|1986|David Rumelhart and Geoffrey Hinton and Ronald Williams|trains neural networks by passing errors from the output back to the input
HNSW|2016|Yury Malkov and Dmitry Yashunin|finds approximate nearest neighbours in a layered small-world graph
Locality-sensitive hashing|1998|Piotr Indyk and Rajeev Motwani|puts similar items into the same bucket with high probability
Product quantization|2011|Hervé Jégou and Matthijs Douze and Cordelia Schmid|compresses vectors by coding their parts separately
Principal component analysis|1901|Karl Pearson|finds the directions in which data varies most
t-SNE|2008|Laurens van der Maaten and Geoffrey Hinton|draws high-dimensional data in two dimensions and keeps neighbours together
Raft|2014|Diego Ongaro and John Ousterhout|keeps copies of a log consistent by electing a leader
MapReduce|2004|Jeffrey Dean and Sanjay Ghemawat|processes large data sets on many machines in a map and a reduce step
"""
    return [(name, int(year) if year else None, who, what) for name, year, who, what in rows(table)]


def solar_system():
    """name, kind, mean radius in km, parent, year of discovery, discoverer, a sentence."""
    table = """
Mercury|planet|2440|Sun|||It is the planet nearest to the Sun and goes round it in 88 days.
Venus|planet|6052|Sun|||It has the hottest surface of all planets, under thick clouds of sulphuric acid.
Earth|planet|6371|Sun|||It is the only planet known to bear life and has one large moon.
Mars|planet|3390|Sun|||It is the red planet, with polar caps and the highest volcano known, Olympus Mons.
Jupiter|planet|69911|Sun|||It is the largest planet, a gas giant with the Great Red Spot.
Saturn|planet|58232|Sun|||It is a gas giant with bright rings of ice and is less dense than water.
Uranus|planet|25362|Sun|1781|William Herschel|It is an ice giant whose axis lies almost in the plane of its orbit.
Neptune|planet|24622|Sun|1846|Johann Galle|It is the outermost planet, an ice giant with very fast winds.
Pluto|dwarf planet|1188|Sun|1930|Clyde Tombaugh|It was counted as the ninth planet until 2006.
Ceres|dwarf planet|470|Sun|1801|Giuseppe Piazzi|It is the largest body of the asteroid belt.
Eris|dwarf planet|1163|Sun|2005|Mike Brown|Its discovery led to the definition of dwarf planets.
Haumea|dwarf planet|780|Sun|2004||It spins once in about four hours and is drawn out to an egg.
Makemake|dwarf planet|715|Sun|2005|Mike Brown|It is a bright body of the Kuiper belt.
Vesta|asteroid|263|Sun|1807|Heinrich Olbers|It is the brightest asteroid in the sky of the Earth.
Pallas|asteroid|256|Sun|1802|Heinrich Olbers|It was the second asteroid to be found.
Moon|moon|1737|Earth|||It always shows the same side and raises the tides.
Phobos|moon|11|Mars|1877|Asaph Hall|It circles its planet in less than eight hours and slowly comes nearer.
Deimos|moon|6|Mars|1877|Asaph Hall|It is the smaller and outer of two moons.
Io|moon|1822|Jupiter|1610|Galileo Galilei|It is the most volcanic body known.
Europa|moon|1561|Jupiter|1610|Galileo Galilei|An ocean of water is thought to lie under its crust of ice.
Ganymede|moon|2634|Jupiter|1610|Galileo Galilei|It is the largest moon of the solar system, larger than Mercury.
Callisto|moon|2410|Jupiter|1610|Galileo Galilei|Its surface is one of the most heavily cratered.
Amalthea|moon|84|Jupiter|1892|Edward Barnard|It is reddish and irregular.
Himalia|moon|70|Jupiter|1904|Charles Perrine|It is the largest of the irregular moons of its planet.
Titan|moon|2575|Saturn|1655|Christiaan Huygens|It has a thick atmosphere of nitrogen and lakes of methane.
Enceladus|moon|252|Saturn|1789|William Herschel|Geysers of water ice rise from its south pole.
Mimas|moon|198|Saturn|1789|William Herschel|A crater a third as wide as itself marks its face.
Iapetus|moon|735|Saturn|1671|Giovanni Cassini|One half of it is bright and the other dark.
Rhea|moon|764|Saturn|1672|Giovanni Cassini|It is a heavily cratered ball of ice.
Tethys|moon|531|Saturn|1684|Giovanni Cassini|A canyon runs around most of it.
Dione|moon|561|Saturn|1684|Giovanni Cassini|Bright cliffs of ice cross its trailing side.
Hyperion|moon|135|Saturn|1848|William Bond|It tumbles chaotically and looks like a sponge.
Phoebe|moon|107|Saturn|1899|William Pickering|It goes round backwards and was probably captured.
Miranda|moon|236|Uranus|1948|Gerard Kuiper|It has cliffs that are many kilometres high.
Ariel|moon|579|Uranus|1851|William Lassell|It has the brightest surface of its sisters.
Umbriel|moon|585|Uranus|1851|William Lassell|It has a dark and old surface.
Titania|moon|788|Uranus|1787|William Herschel|It is the largest moon of its planet.
Oberon|moon|761|Uranus|1787|William Herschel|It is the outermost of the large moons of its planet.
Triton|moon|1353|Neptune|1846|William Lassell|It orbits backwards and has geysers of nitrogen.
Nereid|moon|170|Neptune|1949|Gerard Kuiper|It has one of the most eccentric orbits of any moon.
Proteus|moon|210|Neptune|1989|Voyager 2|It is a dark and box-shaped body.
Charon|moon|606|Pluto|1978|James Christy|It is half as wide as its parent and always faces it.
"""
    return [(name, kind, int(r), parent, int(year) if year else None, who, extra)
            for name, kind, r, parent, year, who, extra in rows(table)]


def constellations():
    """name, abbreviation, meaning, brightest star or nothing."""
    table = """
Andromeda|And|the chained princess|Alpheratz
Antlia|Ant|the air pump|
Apus|Aps|the bird of paradise|
Aquarius|Aqr|the water bearer|Sadalsuud
Aquila|Aql|the eagle|Altair
Ara|Ara|the altar|
Aries|Ari|the ram|Hamal
Auriga|Aur|the charioteer|Capella
Boötes|Boo|the herdsman|Arcturus
Caelum|Cae|the chisel|
Camelopardalis|Cam|the giraffe|
Cancer|Cnc|the crab|Tarf
Canes Venatici|CVn|the hunting dogs|Cor Caroli
Canis Major|CMa|the greater dog|Sirius
Canis Minor|CMi|the lesser dog|Procyon
Capricornus|Cap|the sea goat|Deneb Algedi
Carina|Car|the keel|Canopus
Cassiopeia|Cas|the queen|Schedar
Centaurus|Cen|the centaur|Alpha Centauri
Cepheus|Cep|the king|Alderamin
Cetus|Cet|the whale|Diphda
Chamaeleon|Cha|the chameleon|
Circinus|Cir|the compass|
Columba|Col|the dove|Phact
Coma Berenices|Com|the hair of Berenice|
Corona Australis|CrA|the southern crown|
Corona Borealis|CrB|the northern crown|Alphecca
Corvus|Crv|the crow|Gienah
Crater|Crt|the cup|
Crux|Cru|the southern cross|Acrux
Cygnus|Cyg|the swan|Deneb
Delphinus|Del|the dolphin|Rotanev
Dorado|Dor|the dolphinfish|
Draco|Dra|the dragon|Eltanin
Equuleus|Equ|the little horse|Kitalpha
Eridanus|Eri|the river|Achernar
Fornax|For|the furnace|
Gemini|Gem|the twins|Pollux
Grus|Gru|the crane|Alnair
Hercules|Her|the hero Hercules|Kornephoros
Horologium|Hor|the pendulum clock|
Hydra|Hya|the water snake|Alphard
Hydrus|Hyi|the lesser water snake|
Indus|Ind|the Indian|
Lacerta|Lac|the lizard|
Leo|Leo|the lion|Regulus
Leo Minor|LMi|the lesser lion|
Lepus|Lep|the hare|Arneb
Libra|Lib|the scales|Zubeneschamali
Lupus|Lup|the wolf|
Lynx|Lyn|the lynx|
Lyra|Lyr|the lyre|Vega
Mensa|Men|the table mountain|
Microscopium|Mic|the microscope|
Monoceros|Mon|the unicorn|
Musca|Mus|the fly|
Norma|Nor|the set square|
Octans|Oct|the octant|
Ophiuchus|Oph|the serpent bearer|Rasalhague
Orion|Ori|the hunter Orion|Rigel
Pavo|Pav|the peacock|Peacock
Pegasus|Peg|the winged horse|Enif
Perseus|Per|the hero Perseus|Mirfak
Phoenix|Phe|the phoenix|Ankaa
Pictor|Pic|the easel|
Pisces|Psc|the fishes|
Piscis Austrinus|PsA|the southern fish|Fomalhaut
Puppis|Pup|the stern of the ship|Naos
Pyxis|Pyx|the mariner's compass|
Reticulum|Ret|the reticle|
Sagitta|Sge|the arrow|
Sagittarius|Sgr|the archer|Kaus Australis
Scorpius|Sco|the scorpion|Antares
Sculptor|Scl|the sculptor|
Scutum|Sct|the shield|
Serpens|Ser|the serpent|Unukalhai
Sextans|Sex|the sextant|
Taurus|Tau|the bull|Aldebaran
Telescopium|Tel|the telescope|
Triangulum|Tri|the triangle|
Triangulum Australe|TrA|the southern triangle|Atria
Tucana|Tuc|the toucan|
Ursa Major|UMa|the great bear|Alioth
Ursa Minor|UMi|the little bear|Polaris
Vela|Vel|the sails|
Virgo|Vir|the virgin|Spica
Volans|Vol|the flying fish|
Vulpecula|Vul|the little fox|Anser
"""
    return rows(table)


def stars():
    """name, constellation, distance in light years, apparent magnitude, what it is."""
    table = """
Sirius|Canis Major|8.6|-1.46|the brightest star of the night sky, a white star with a white dwarf beside it
Canopus|Carina|310|-0.74|the second brightest star of the night sky, a bright giant
Alpha Centauri|Centaurus|4.4|-0.27|the nearest star system to the Sun, a pair of Sun-like stars
Arcturus|Boötes|37|-0.05|an orange giant
Vega|Lyra|25|0.03|a white star that once defined the zero of the magnitude scale
Capella|Auriga|43|0.08|a system of two yellow giants and two red dwarfs
Rigel|Orion|860|0.13|a blue supergiant
Procyon|Canis Minor|11.5|0.34|a yellow-white star with a white dwarf beside it
Betelgeuse|Orion|550|0.5|a red supergiant of changing brightness
Altair|Aquila|16.7|0.76|a white star that spins so fast that it is flattened
Aldebaran|Taurus|65|0.86|a red giant that marks the eye of the bull
Spica|Virgo|250|0.97|a close pair of hot blue stars
Antares|Scorpius|550|1.0|a red supergiant whose name means rival of Mars
Pollux|Gemini|34|1.14|an orange giant with a planet
Fomalhaut|Piscis Austrinus|25|1.16|a white star inside a disc of dust
Deneb|Cygnus|2600|1.25|a white supergiant, one of the most luminous stars known
Regulus|Leo|79|1.4|a quickly spinning blue-white star
Castor|Gemini|51|1.58|a system of six stars
Polaris|Ursa Minor|430|1.98|the pole star, a yellow supergiant that pulsates
Mira|Cetus|300|6.5|a red giant that brightens and fades in eleven months
Algol|Perseus|93|2.12|an eclipsing pair that dims about every three days
Proxima Centauri|Centaurus|4.24|11.13|the star nearest to the Sun, a red dwarf
Barnard's Star|Ophiuchus|6|9.5|a red dwarf with the largest proper motion of any star
"""
    return [(n, where, float(d), float(m), what) for n, where, d, m, what in rows(table)]


def mountains():
    """name, height in m, where, date or year of the first ascent or nothing."""
    table = """
Mount Everest|8849|the Himalaya between Nepal and China|1953-05-29
K2|8611|the Karakoram between Pakistan and China|1954-07-31
Kangchenjunga|8586|the Himalaya between Nepal and India|1955-05-25
Lhotse|8516|the Himalaya between Nepal and China|1956-05-18
Makalu|8485|the Himalaya between Nepal and China|1955-05-15
Cho Oyu|8188|the Himalaya between Nepal and China|1954-10-19
Dhaulagiri|8167|the Himalaya of Nepal|1960-05-13
Manaslu|8163|the Himalaya of Nepal|1956-05-09
Nanga Parbat|8126|the Himalaya of Pakistan|1953-07-03
Annapurna|8091|the Himalaya of Nepal|1950-06-03
Gasherbrum I|8080|the Karakoram between Pakistan and China|1958-07-05
Broad Peak|8051|the Karakoram between Pakistan and China|1957-06-09
Gasherbrum II|8035|the Karakoram between Pakistan and China|1956-07-07
Shishapangma|8027|the Himalaya of China|1964-05-02
Aconcagua|6961|the Andes of Argentina|1897-01-14
Denali|6190|Alaska in the United States|1913-06-07
Mount Logan|5959|the Yukon in Canada|1925-06-23
Kilimanjaro|5895|Tanzania|1889-10-06
Elbrus|5642|the Caucasus of Russia|1874
Mount Kenya|5199|Kenya|1899-09-13
Vinson|4892|Antarctica|1966-12-18
Puncak Jaya|4884|New Guinea in Indonesia|1962-02-13
Mont Blanc|4806|the Alps between France and Italy|1786-08-08
Monte Rosa|4634|the Alps between Switzerland and Italy|1855-08-01
Matterhorn|4478|the Alps between Switzerland and Italy|1865-07-14
Eiger|3967|the Bernese Alps of Switzerland|1858-08-11
Jungfrau|4158|the Bernese Alps of Switzerland|1811-08-03
Grossglockner|3798|the Alps of Austria|1800-07-28
Mount Fuji|3776|Japan|
Aoraki or Mount Cook|3724|the Southern Alps of New Zealand|1894-12-25
Teide|3715|Tenerife in Spain|
Mulhacén|3479|the Sierra Nevada of Spain|
Etna|3403|Sicily in Italy|
Zugspitze|2962|the Alps of Germany|1820-08-27
Triglav|2864|the Julian Alps of Slovenia|1778
Galdhøpiggen|2469|Norway|1850
Ben Nevis|1345|Scotland|1771
Mauna Kea|4207|Hawaii in the United States|
Ararat|5137|Turkey|1829
Popocatépetl|5393|Mexico|
"""
    return [(n, int(h), where, when) for n, h, where, when in rows(table)]


def rivers():
    """name, length in km, start, mouth."""
    table = """
Nile|6650|East Africa|the Mediterranean Sea in Egypt
Amazon|6400|the Andes of Peru|the Atlantic Ocean in Brazil
Yangtze|6300|the Tibetan Plateau|the East China Sea near Shanghai
Mississippi|3770|Lake Itasca in Minnesota|the Gulf of Mexico
Yenisei|3487|southern Siberia|the Kara Sea
Yellow River|5464|the Bayan Har Mountains|the Bohai Sea
Ob|3650|the Altai|the Kara Sea
Congo|4700|central Africa|the Atlantic Ocean
Amur|2824|Mongolia and China|the Strait of Tartary
Lena|4294|the mountains west of Lake Baikal|the Laptev Sea
Mekong|4350|the Tibetan Plateau|the South China Sea in Vietnam
Niger|4180|the highlands of Guinea|the Gulf of Guinea
Volga|3530|the Valdai Hills|the Caspian Sea
Danube|2850|the Black Forest|the Black Sea
Indus|3180|the Tibetan Plateau|the Arabian Sea
Ganges|2525|the Gangotri Glacier|the Bay of Bengal
Rio Grande|3050|Colorado|the Gulf of Mexico
Colorado|2330|the Rocky Mountains|the Gulf of California
Rhine|1230|the Swiss Alps|the North Sea in the Netherlands
Elbe|1094|the Giant Mountains|the North Sea near Hamburg
Loire|1006|the Massif Central|the Atlantic Ocean near Saint-Nazaire
Rhône|813|the Rhône Glacier in Switzerland|the Mediterranean Sea near Arles
Seine|777|Burgundy|the English Channel at Le Havre
Thames|346|Gloucestershire|the North Sea
Po|652|the Cottian Alps|the Adriatic Sea
Tagus|1007|the Sierra de Albarracín|the Atlantic Ocean at Lisbon
Vistula|1047|the Beskids|the Baltic Sea near Gdańsk
Dnieper|2200|the Valdai Hills|the Black Sea
Don|1870|the Central Russian Upland|the Sea of Azov
Murray|2508|the Australian Alps|the Southern Ocean
Zambezi|2574|Zambia|the Indian Ocean in Mozambique
Orinoco|2140|the Parima Mountains|the Atlantic Ocean in Venezuela
"""
    return [(n, int(length), start, mouth) for n, length, start, mouth in rows(table)]


def mathematicians():
    """name, born, died, known for."""
    table = """
Pierre de Fermat|1607|1665|his last theorem and early number theory
Blaise Pascal|1623|1662|the theory of probability and a mechanical calculator
Isaac Newton|1643|1727|the calculus and the laws of motion
Gottfried Wilhelm Leibniz|1646|1716|the calculus and its notation
Jakob Bernoulli|1655|1705|the law of large numbers
Leonhard Euler|1707|1783|graph theory, analysis and much of modern notation
Joseph-Louis Lagrange|1736|1813|analytical mechanics and the calculus of variations
Pierre-Simon Laplace|1749|1827|celestial mechanics and probability
Adrien-Marie Legendre|1752|1833|the method of least squares and elliptic integrals
Joseph Fourier|1768|1830|series of sines and cosines and the theory of heat
Carl Friedrich Gauss|1777|1855|number theory, least squares and curved surfaces
Sophie Germain|1776|1831|number theory and the theory of elasticity
Augustin-Louis Cauchy|1789|1857|the rigorous foundation of analysis
Niels Henrik Abel|1802|1829|the proof that quintic equations cannot be solved by radicals
Carl Jacobi|1804|1851|elliptic functions and determinants
William Rowan Hamilton|1805|1865|quaternions and a formulation of mechanics
Évariste Galois|1811|1832|the theory of groups of equations
Ada Lovelace|1815|1852|the first published program for a calculating machine
George Boole|1815|1864|the algebra of logic
Arthur Cayley|1821|1895|matrices and abstract groups
Bernhard Riemann|1826|1866|curved geometry and a hypothesis on prime numbers
Richard Dedekind|1831|1916|ideals and the construction of the real numbers
Georg Cantor|1845|1918|set theory and different sizes of infinity
Felix Klein|1849|1925|the Erlangen programme on geometry and groups
Sofya Kovalevskaya|1850|1891|partial differential equations and spinning tops
Henri Poincaré|1854|1912|topology, chaos and a famous conjecture
David Hilbert|1862|1943|a list of 23 problems and the foundations of geometry
Emmy Noether|1882|1935|abstract algebra and the link between symmetry and conservation
Srinivasa Ramanujan|1887|1920|infinite series and partitions of numbers
Stefan Banach|1892|1945|functional analysis
John von Neumann|1903|1957|game theory, quantum mechanics and the design of computers
Andrey Kolmogorov|1903|1987|the axioms of probability
Kurt Gödel|1906|1978|the incompleteness theorems
Grace Hopper|1906|1992|early compilers
Alan Turing|1912|1954|the theory of computation and breaking ciphers
Paul Erdős|1913|1996|combinatorics and papers with more than 500 co-authors
Claude Shannon|1916|2001|information theory
Julia Robinson|1919|1985|work on Hilbert's tenth problem
Benoit Mandelbrot|1924|2010|fractals
Alexander Grothendieck|1928|2014|modern algebraic geometry
John Nash|1928|2015|equilibria in game theory
Donald Knuth|1938||the analysis of algorithms and the typesetting program TeX
John Conway|1937|2020|surreal numbers and the Game of Life
Andrew Wiles|1953||the proof of Fermat's last theorem
Grigori Perelman|1966||the proof of the Poincaré conjecture
Terence Tao|1975||work on prime numbers and harmonic analysis
Maryam Mirzakhani|1977|2017|the geometry of curved surfaces
"""
    return [(n, int(b), int(d) if d else None, known) for n, b, d, known in rows(table)]


def music():
    """name, composer, date or year of the first performance, what it is."""
    table = """
L'Orfeo|Claudio Monteverdi|1607-02-24|an early opera
Messiah|George Frideric Handel|1742-04-13|an oratorio
The Creation|Joseph Haydn|1798|an oratorio
The Marriage of Figaro|Wolfgang Amadeus Mozart|1786-05-01|a comic opera
Don Giovanni|Wolfgang Amadeus Mozart|1787-10-29|an opera
The Magic Flute|Wolfgang Amadeus Mozart|1791-09-30|an opera with spoken parts
Symphony No. 5|Ludwig van Beethoven|1808-12-22|a symphony that opens with a motif of four notes
Symphony No. 9|Ludwig van Beethoven|1824-05-07|a symphony with a choir in its last movement
Fidelio|Ludwig van Beethoven|1805-11-20|an opera about a rescue from prison
The Barber of Seville|Gioachino Rossini|1816-02-20|a comic opera
Symphonie fantastique|Hector Berlioz|1830-12-05|a symphony that tells a story
Nabucco|Giuseppe Verdi|1842-03-09|an opera with a famous chorus of slaves
Rigoletto|Giuseppe Verdi|1851-03-11|an opera about a court jester
La traviata|Giuseppe Verdi|1853-03-06|an opera about a courtesan
Aida|Giuseppe Verdi|1871-12-24|an opera set in Egypt
Lohengrin|Richard Wagner|1850-08-28|a romantic opera with a swan
Tristan und Isolde|Richard Wagner|1865-06-10|an opera of unresolved harmonies
Das Rheingold|Richard Wagner|1869-09-22|the first opera of a cycle of four
Carmen|Georges Bizet|1875-03-03|an opera set in Seville
A German Requiem|Johannes Brahms|1868|a choral work
Symphony No. 1|Johannes Brahms|1876-11-04|a symphony that took him two decades
Swan Lake|Pyotr Tchaikovsky|1877|a ballet
The Nutcracker|Pyotr Tchaikovsky|1892-12-18|a ballet of a Christmas dream
Symphony From the New World|Antonín Dvořák|1893-12-16|a symphony written in America
The Bartered Bride|Bedřich Smetana|1866-05-30|a comic opera
La bohème|Giacomo Puccini|1896-02-01|an opera about poor artists in Paris
Tosca|Giacomo Puccini|1900-01-14|an opera set in Rome
Madama Butterfly|Giacomo Puccini|1904-02-17|an opera set in Nagasaki
Turandot|Giacomo Puccini|1926-04-25|an opera left unfinished at his death
Pelléas et Mélisande|Claude Debussy|1902-04-30|an opera of half-lights
La mer|Claude Debussy|1905-10-15|three orchestral sketches of the sea
Salome|Richard Strauss|1905-12-09|an opera in one act
Der Rosenkavalier|Richard Strauss|1911-01-26|a comic opera set in Vienna
The Firebird|Igor Stravinsky|1910-06-25|a ballet on Russian fairy tales
The Rite of Spring|Igor Stravinsky|1913-05-29|a ballet whose first night caused a riot
Boléro|Maurice Ravel|1928-11-22|a ballet of one long crescendo
Rhapsody in Blue|George Gershwin|1924-02-12|a piece for piano and jazz band
Wozzeck|Alban Berg|1925-12-14|an atonal opera about a soldier
Carmina Burana|Carl Orff|1937-06-08|a scenic cantata on medieval poems
Symphony No. 7, Leningrad|Dmitri Shostakovich|1942-03-05|a symphony written in the siege of a city
Peter Grimes|Benjamin Britten|1945-06-07|an opera about a fisherman
4'33"|John Cage|1952-08-29|a piece in which no note is played
West Side Story|Leonard Bernstein|1957|a musical set in New York
Einstein on the Beach|Philip Glass|1976-07-25|a minimalist opera without a plot
"""
    return rows(table)


def space_missions():
    """name, date of launch, a sentence."""
    table = """
Sputnik 1|1957-10-04|It was the first artificial satellite of the Earth.
Explorer 1|1958-02-01|It was the first satellite of the United States and found the radiation belts.
Luna 2|1959-09-12|It was the first craft to reach the surface of the Moon.
Vostok 1|1961-04-12|Its crew of one, Yuri Gagarin, was the first human in space.
Mercury-Atlas 6|1962-02-20|Its crew of one, John Glenn, was the first American in orbit.
Mariner 2|1962-08-27|It flew past Venus, the first success at another planet.
Vostok 6|1963-06-16|Its crew of one, Valentina Tereshkova, was the first woman in space.
Mariner 4|1964-11-28|It sent the first close pictures of Mars.
Voskhod 2|1965-03-18|Alexei Leonov of its crew made the first spacewalk.
Luna 9|1966-01-31|It made the first soft landing on the Moon.
Apollo 8|1968-12-21|Its crew was the first to orbit the Moon.
Apollo 11|1969-07-16|Two of its crew were the first humans on the Moon.
Apollo 13|1970-04-11|Its crew came home safely after an oxygen tank exploded.
Venera 7|1970-08-17|It sent the first data from the surface of another planet, Venus.
Salyut 1|1971-04-19|It was the first space station.
Pioneer 10|1972-03-03|It was the first craft to fly past Jupiter.
Apollo 17|1972-12-07|Its crew was the last to walk on the Moon in that century.
Skylab|1973-05-14|It was the first space station of the United States.
Mariner 10|1973-11-03|It was the first craft to visit Mercury.
Viking 1|1975-08-20|It landed on Mars and worked there for six years.
Voyager 2|1977-08-20|It is the only craft that has visited Uranus and Neptune.
Voyager 1|1977-09-05|It is the most distant human-made object.
STS-1|1981-04-12|A crew of two flew the first Space Shuttle, Columbia.
Giotto|1985-07-02|It photographed the nucleus of Halley's comet.
Mir|1986-02-20|It was the first modular space station.
Magellan|1989-05-04|It mapped Venus by radar.
Galileo|1989-10-18|It was the first craft to orbit Jupiter.
Hubble Space Telescope|1990-04-24|It takes sharp pictures from above the atmosphere.
SOHO|1995-12-02|It watches the Sun without interruption.
Mars Pathfinder|1996-12-04|It brought the first rover to Mars.
Cassini-Huygens|1997-10-15|It orbited Saturn and put a probe on Titan.
Zarya|1998-11-20|It was the first module of the International Space Station.
Hayabusa|2003-05-09|It brought the first samples of an asteroid to the Earth.
Rosetta|2004-03-02|It orbited a comet and put a lander on it.
New Horizons|2006-01-19|It was the first craft to fly past Pluto.
Dawn|2007-09-27|It orbited the two largest bodies of the asteroid belt.
Kepler|2009-03-07|It found thousands of planets of other stars.
Juno|2011-08-05|It orbits Jupiter over its poles.
Curiosity|2011-11-26|It is a rover that explores Gale Crater on Mars.
Gaia|2013-12-19|It measured the places of more than a billion stars.
OSIRIS-REx|2016-09-08|It brought samples of the asteroid Bennu to the Earth.
Parker Solar Probe|2018-08-12|It has flown through the corona of the Sun.
BepiColombo|2018-10-20|Its two orbiters are made for Mercury.
Perseverance|2020-07-30|It is a rover that collects samples in Jezero Crater on Mars.
James Webb Space Telescope|2021-12-25|It observes the early universe in infrared light.
Artemis I|2022-11-16|It flew an empty capsule around the Moon and back.
Euclid|2023-07-01|It maps galaxies to study dark matter and dark energy.
"""
    return rows(table)


def units():
    """name, symbol, quantity, definition, whether a base unit."""
    table = """
second|s|time|It is defined by the frequency of a transition of caesium 133.|1
metre|m|length|It is the way of light in a vacuum in 1/299792458 of a second.|1
kilogram|kg|mass|It is defined by the Planck constant.|1
ampere|A|electric current|It is defined by the charge of the electron.|1
kelvin|K|temperature|It is defined by the Boltzmann constant.|1
mole|mol|amount of substance|It contains exactly 6.02214076e23 particles.|1
candela|cd|luminous intensity|It is defined by the luminous efficacy of green light.|1
hertz|Hz|frequency|It is one event a second.|
newton|N|force|It accelerates one kilogram by one metre per second squared.|
pascal|Pa|pressure|It is one newton on a square metre.|
joule|J|energy|It is the work of one newton over one metre.|
watt|W|power|It is one joule a second.|
coulomb|C|electric charge|It is the charge that one ampere carries in a second.|
volt|V|electric potential|It is one joule for each coulomb.|
ohm|Ω|electric resistance|It is one volt for each ampere.|
siemens|S|electric conductance|It is one ampere for each volt.|
farad|F|capacitance|It is one coulomb for each volt.|
weber|Wb|magnetic flux|It is one volt second.|
tesla|T|magnetic flux density|It is one weber on a square metre.|
henry|H|inductance|It is one weber for each ampere.|
lumen|lm|luminous flux|It is one candela into one steradian.|
lux|lx|illuminance|It is one lumen on a square metre.|
becquerel|Bq|radioactivity|It is one decay a second.|
gray|Gy|absorbed dose|It is one joule of radiation in a kilogram.|
sievert|Sv|dose equivalent|It weighs the absorbed dose by its harm to tissue.|
katal|kat|catalytic activity|It is one mole a second.|
radian|rad|plane angle|It is the angle whose arc is as long as the radius.|
steradian|sr|solid angle|It is the solid angle that cuts an area of the squared radius out of a sphere.|
"""
    return [(n, s, q, d, bool(base)) for n, s, q, d, base in rows(table)]


# block, first, last, every how many
BLOCKS = [
    ("Basic Latin", 0x20, 0x7E, 1),
    ("Latin-1 Supplement", 0xA0, 0xFF, 1),
    ("Greek and Coptic", 0x391, 0x3C9, 1),
    ("Cyrillic", 0x410, 0x44F, 1),
    ("Hebrew", 0x5D0, 0x5EA, 1),
    ("Runic", 0x16A0, 0x16F0, 3),
    ("General Punctuation", 0x2010, 0x2027, 1),
    ("Currency Symbols", 0x20A0, 0x20C0, 1),
    ("Number Forms", 0x2150, 0x217F, 1),
    ("Arrows", 0x2190, 0x21FF, 2),
    ("Mathematical Operators", 0x2200, 0x22FF, 1),
    ("Miscellaneous Technical", 0x2300, 0x23CF, 3),
    ("Box Drawing", 0x2500, 0x257F, 4),
    ("Geometric Shapes", 0x25A0, 0x25FF, 2),
    ("Miscellaneous Symbols", 0x2600, 0x26FF, 1),
    ("Hiragana", 0x3042, 0x3093, 2),
    ("Miscellaneous Symbols and Pictographs", 0x1F300, 0x1F5FF, 3),
    ("Emoticons", 0x1F600, 0x1F64F, 1),
    ("Transport and Map Symbols", 0x1F680, 0x1F6C5, 1),
]

CATEGORIES = {
    "Lu": "uppercase letter", "Ll": "lowercase letter", "Lt": "titlecase letter", "Lm": "modifier letter", "Lo": "letter",
    "Mn": "nonspacing mark", "Mc": "spacing mark", "Me": "enclosing mark", "Nd": "decimal digit", "Nl": "letter number",
    "No": "other number", "Pc": "connector", "Pd": "dash", "Ps": "opening bracket", "Pe": "closing bracket",
    "Pi": "initial quote", "Pf": "final quote", "Po": "punctuation mark", "Sm": "mathematical symbol", "Sc": "currency symbol",
    "Sk": "modifier symbol", "So": "symbol", "Zs": "space", "Zl": "line separator", "Zp": "paragraph separator",
    "Cc": "control character", "Cf": "format character",
}
