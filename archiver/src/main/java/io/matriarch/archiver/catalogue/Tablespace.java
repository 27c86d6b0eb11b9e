package io.matriarch.archiver.catalogue;

/**
 * A tablespace outside the data directory.
 *
 * @param oid its object identifier, the name of the link in {@code pg_tblspc}
 * @param name what SQL calls it
 * @param location the directory that the link led to
 */
public record Tablespace(long oid, String name, String location) {}
