package io.matriarch.elector.situation;

/**
 * What an ambassador says of itself in its ephemeral node {@code ambassadors/<id>}.
 *
 * @param applied no session of an earlier epoch has a socket there any more
 * @param drained the epoch whose primary hands over and may end every session that it has there;
 *     {@link Epoch#NONE} if there is none
 */
public record AmbassadorReport(String id, Epoch applied, Epoch drained) {}
