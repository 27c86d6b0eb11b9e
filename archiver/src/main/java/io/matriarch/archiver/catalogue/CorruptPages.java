package io.matriarch.archiver.catalogue;

import java.util.List;

/**
 * Pages of one file that carried a wrong checksum in the cluster itself. The backup has them as
 * they were.
 *
 * @param blocks numbers within the relation
 */
public record CorruptPages(String path, List<Long> blocks) {

    public CorruptPages {
        blocks = List.copyOf(blocks);
    }
}
