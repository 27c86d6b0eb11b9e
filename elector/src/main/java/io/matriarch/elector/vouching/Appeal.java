package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;

/**
 * A primary's question to those who could succeed it: do you vouch for this epoch of mine?
 *
 * @param number rises with every question of an epoch, so that an old one is never taken for new
 */
public record Appeal(Epoch epoch, MemberName primary, long number) {}
