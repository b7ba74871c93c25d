-- Everything the sandbox remembers. Ids begin where real ones stand and are never given twice, not even after a reset.
CREATE TABLE IF NOT EXISTS account (
    position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token (
    value TEXT PRIMARY KEY, account TEXT NOT NULL, family TEXT NOT NULL, issued_at REAL NOT NULL,
    forced INTEGER NOT NULL DEFAULT 0, replaced_at REAL);
CREATE INDEX IF NOT EXISTS token_of_account ON token (account, family);
CREATE INDEX IF NOT EXISTS token_in_force ON token (account, family) WHERE replaced_at IS NULL;
CREATE TABLE IF NOT EXISTS usage (
    account TEXT NOT NULL, name TEXT NOT NULL, period TEXT NOT NULL, calls INTEGER NOT NULL,
    PRIMARY KEY (account, name, period));
CREATE TABLE IF NOT EXISTS material (
    position INTEGER PRIMARY KEY, media_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, type TEXT NOT NULL,
    name TEXT NOT NULL, content_type TEXT NOT NULL, content BLOB NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS material_of_account ON material (account, type);
CREATE TABLE IF NOT EXISTS media (
    media_id TEXT PRIMARY KEY, account TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
    content_type TEXT NOT NULL, content BLOB NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS video (media_id TEXT PRIMARY KEY, title TEXT NOT NULL, introduction TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS draft (
    position INTEGER PRIMARY KEY, media_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
    articles TEXT NOT NULL, updated_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS draft_of_account ON draft (account);
CREATE TABLE IF NOT EXISTS publication (
    publish_id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, media_id TEXT NOT NULL,
    article_id TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, articles TEXT NOT NULL, status INTEGER NOT NULL, outcome INTEGER NOT NULL, due_at REAL NOT NULL,
    published_at REAL, told INTEGER NOT NULL DEFAULT 0);
INSERT INTO sqlite_sequence (name, seq) SELECT 'publication', 2247483650
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'publication');
CREATE INDEX IF NOT EXISTS publication_of_account ON publication (account, status);
CREATE INDEX IF NOT EXISTS publication_untold ON publication (told) WHERE told = 0;
CREATE TABLE IF NOT EXISTS follower (
    position INTEGER PRIMARY KEY, account TEXT NOT NULL, openid TEXT NOT NULL, since REAL NOT NULL,
    subscribed INTEGER NOT NULL DEFAULT 1, blocked INTEGER NOT NULL DEFAULT 0, remark TEXT,
    month TEXT, pushed INTEGER,
    UNIQUE (account, openid));
CREATE INDEX IF NOT EXISTS following ON follower (account, position, subscribed) WHERE subscribed;
CREATE INDEX IF NOT EXISTS blocked ON follower (account, position) WHERE blocked;
CREATE TABLE IF NOT EXISTS tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (account, name));
INSERT INTO sqlite_sequence (name, seq) SELECT 'tag', 99
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'tag');
CREATE TABLE IF NOT EXISTS tagged (
    tag INTEGER NOT NULL, follower INTEGER NOT NULL, PRIMARY KEY (tag, follower)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_of_follower ON tagged (follower);
CREATE TABLE IF NOT EXISTS conversation (
    account TEXT NOT NULL, openid TEXT NOT NULL, cause TEXT NOT NULL, opened_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, typing_until REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (account, openid, cause)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, openid TEXT NOT NULL, kind TEXT NOT NULL,
    template_id TEXT, content TEXT NOT NULL, digest BLOB NOT NULL, client_msg_id TEXT,
    outcome INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL, due_at REAL);
INSERT INTO sqlite_sequence (name, seq) SELECT 'message', 2433213214923948032
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'message');
CREATE INDEX IF NOT EXISTS message_by_content ON message (openid, digest, at);
CREATE INDEX IF NOT EXISTS message_by_client_id ON message (openid, client_msg_id) WHERE client_msg_id NOTNULL;
-- A message has `due_at` as long as an event about its delivery is still to be told.
CREATE INDEX IF NOT EXISTS message_untold ON message (due_at) WHERE due_at NOTNULL;
CREATE TABLE IF NOT EXISTS template (
    template_id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    keywords TEXT NOT NULL, lasting INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS template_of_account ON template (account, kind);
CREATE TABLE IF NOT EXISTS industry (
    account TEXT PRIMARY KEY, first TEXT NOT NULL, second TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS consent (
    account TEXT NOT NULL, openid TEXT NOT NULL, template_id TEXT NOT NULL, remaining INTEGER NOT NULL,
    PRIMARY KEY (account, openid, template_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mass (
    msg_id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, client_msg_id TEXT NOT NULL,
    target TEXT NOT NULL, to_all INTEGER NOT NULL, msgtype TEXT NOT NULL, content TEXT NOT NULL,
    article_id TEXT UNIQUE, articles TEXT NOT NULL, origin TEXT NOT NULL, status TEXT NOT NULL,
    outcome INTEGER NOT NULL, day TEXT NOT NULL, accepted_at REAL NOT NULL, due_at REAL NOT NULL,
    finished_at REAL, total INTEGER, sent INTEGER, told INTEGER NOT NULL DEFAULT 0);
INSERT INTO sqlite_sequence (name, seq) SELECT 'mass', 3147483650
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'mass');
CREATE INDEX IF NOT EXISTS mass_by_client_id ON mass (account, client_msg_id);
CREATE INDEX IF NOT EXISTS mass_by_day ON mass (account, day);
CREATE INDEX IF NOT EXISTS mass_untold ON mass (told) WHERE told = 0;
CREATE TABLE IF NOT EXISTS menu (account TEXT PRIMARY KEY, buttons TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS status (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, sent TEXT NOT NULL, text TEXT NOT NULL, picture TEXT,
    created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS status_of_account ON status (account, id);
CREATE INDEX IF NOT EXISTS status_by_text ON status (account, sent);
CREATE TABLE IF NOT EXISTS picture (id TEXT PRIMARY KEY, content_type TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS short_link (code TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS oauth_code (
    code TEXT PRIMARY KEY, account TEXT NOT NULL, redirect_uri TEXT NOT NULL, issued_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS web_code (
    code TEXT PRIMARY KEY, account TEXT NOT NULL, openid TEXT NOT NULL, scope TEXT NOT NULL, issued_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS web_token (
    value TEXT PRIMARY KEY, refresh TEXT NOT NULL UNIQUE, account TEXT NOT NULL, openid TEXT NOT NULL,
    scope TEXT NOT NULL, granted_at REAL NOT NULL, issued_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    query TEXT NOT NULL, body TEXT NOT NULL, status INTEGER, answer TEXT NOT NULL, fault TEXT);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, action TEXT NOT NULL, value TEXT NOT NULL,
    remaining INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
