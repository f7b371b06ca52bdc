-- The tables of an index of advisories, an SQLite file. A body is a document without what is only for people, deflated.
create table source (
    name text primary key,
    kind text not null,
    state text not null,
    sha256 text not null,
    day text
);
create table refused (
    source text not null,
    name text not null,
    why text not null
);
create table newest (
    ecosystem text primary key,
    modified text not null
);
create table document (
    number integer primary key,
    id blob not null,
    modified text not null,
    source text not null,
    body blob not null,
    unique (id, modified)
);
create table held (
    key blob not null,
    number integer not null,
    primary key (key, number)
) without rowid;
create table exploited (
    name text primary key,
    added text not null,
    due text not null,
    in_ransomware integer not null
);
create table chance (
    name text primary key,
    chance real not null
);
