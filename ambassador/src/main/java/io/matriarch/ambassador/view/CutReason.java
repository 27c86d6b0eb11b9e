package io.matriarch.ambassador.view;

/** Why a session must not live on. */
public enum CutReason {
    /** A higher epoch has begun: its server may no longer speak for the cluster. */
    HIGHER_EPOCH,
    /** Its primary is proven dead. */
    VACANT,
    /** A newer record of the same epoch names another member, which must never happen. */
    CONTRADICTED
}
