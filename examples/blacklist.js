// description: Tells when somebody talks to an address of a published black list
//
//   blacklist.url       the list: an address, a prefix or a range (first-last) on each line; # and ; begin a comment
//   blacklist.minutes   how often to fetch it: 60

const url = getSystemProperty('blacklist.url');
const minutes = Number(getSystemProperty('blacklist.minutes') || 60);
const GROUP = 'blacklist';

// Both directions; the other end is a key, so that it is told.
setFlow('blacklist_to', {
  keys: 'ipsource,ipdestination,or:tcpdestinationport:udpdestinationport:ipprotocol',
  value: 'bytes',
  filter: `group:ipdestination:${GROUP}=listed`,
  log: true,
  flowStart: true,
});
setFlow('blacklist_from', {
  keys: 'ipdestination,ipsource,or:tcpsourceport:udpsourceport:ipprotocol',
  value: 'bytes',
  filter: `group:ipsource:${GROUP}=listed`,
  log: true,
  flowStart: true,
});

setFlowHandler(
  (record) => {
    const [inside, listed, port] = record.flowKeys.split(',');
    const direction = record.name === 'blacklist_to' ? 'to' : 'from';
    logWarning(
      `black list: ${inside} has traffic ${direction} ${listed}, port ${port}, seen by ${record.agent}`,
    );
  },
  ['blacklist_to', 'blacklist_from'],
);

/** Prefixes of a line; a line that is none has none. */
function prefixesOf(line) {
  const text = line.replace(/[#;].*/, '').trim();
  if (text === '') return [];
  try {
    const [first, last] = text.split(/\s*-\s*/);
    if (last !== undefined) return ipRangeToCidrList(first, last);
    const [address, bits] = text.split('/');
    return [mask(address, bits)];
  } catch (error) {
    logWarning('black list:', error.message);
    return [];
  }
}

function fetchList() {
  httpAsync({
    url,
    success: (answer) => {
      const prefixes = answer.body.split('\n').flatMap(prefixesOf);
      // An empty list is more likely a fault of the server than peace on earth: the old one stays.
      if (prefixes.length > 0 && setGroups(GROUP, { listed: prefixes }))
        logInfo(`black list: ${prefixes.length} prefixes`);
      else logWarning('black list: nothing usable at', url);
    },
    error: (message) => logWarning('black list:', message),
  });
}

if (url) {
  fetchList();
  setIntervalHandler(fetchList, minutes * 60);
} else logSevere('black list: set the property blacklist.url');
