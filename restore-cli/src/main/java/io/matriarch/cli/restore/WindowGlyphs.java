package io.matriarch.cli.restore;

import java.nio.charset.Charset;

/**
 * What a drawn window consists of.
 *
 * @param reachable each moment can be restored
 * @param unserved WAL that no backup makes of use
 * @param gap WAL is missing
 * @param backup a base backup
 * @param useless a base backup that lacks WAL of its own
 */
record WindowGlyphs(char reachable, char unserved, char gap, char backup, char useless) {

    static final WindowGlyphs DRAWN = new WindowGlyphs('━', '┄', '×', '●', '○');
    static final WindowGlyphs ASCII = new WindowGlyphs('=', '.', 'x', 'B', 'b');

    /** The drawn ones where the terminal's character set has them. */
    static WindowGlyphs of(Charset charset) {
        return charset.canEncode() && charset.newEncoder().canEncode("━┄×●○") ? DRAWN : ASCII;
    }
}
