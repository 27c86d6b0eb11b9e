package io.matriarch.archiver.store.s3;

import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.S3Error;

/** Says in plain words what the SDK's exceptions mean, and whether to try again. */
final class S3Faults {

    private static final String MISMATCH = "SignatureDoesNotMatch";
    private static final Set<String> CLOCK =
            Set.of("RequestTimeTooSkewed", "RequestExpired", "ExpiredToken");
    private static final Set<String> WRONG_KEYS =
            Set.of("InvalidAccessKeyId", MISMATCH, "InvalidToken");
    private static final Set<String> WRONG_REGION =
            Set.of(
                    "AuthorizationHeaderMalformed",
                    "PermanentRedirect",
                    "IllegalLocationConstraint");
    private static final Set<String> PASSING =
            Set.of("SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable");

    /** What arrived is not what was sent. */
    private static final Set<String> DAMAGED =
            Set.of(
                    "BadDigest",
                    "IncompleteBody",
                    "XAmzContentSHA256Mismatch",
                    "XAmzContentChecksumMismatch");

    private final StoreLocation.Bucket bucket;

    S3Faults(StoreLocation.Bucket bucket) {
        this.bucket = bucket;
    }

    StoreException translate(String act, SdkException fault) {
        return switch (fault) {
            case AwsServiceException answer -> answered(act, answer);
            default -> unanswered(act, fault);
        };
    }

    private StoreException answered(String act, AwsServiceException answer) {
        String code = code(answer);
        int status = answer.statusCode();
        String what = what(act, answer);
        if ("NoSuchBucket".equals(code)) {
            return new StoreException(
                    "bucket: " + bucket.bucket() + " does not exist (" + bucket + ")",
                    "create the bucket, or correct its name in the repository's URL",
                    false,
                    answer);
        }
        if (CLOCK.contains(code)) {
            return new StoreException(
                    what,
                    "compare this machine's clock with the store's, and renew temporary credentials",
                    true,
                    answer);
        }
        if (WRONG_REGION.contains(code) || status == 301) {
            return new StoreException(
                    what, "set the bucket's region: …?region=eu-central-1", false, answer);
        }
        if ("InvalidObjectState".equals(code)) {
            return new StoreException(
                    what,
                    "the object lies in an archive: thaw it first (aws s3api restore-object)",
                    false,
                    answer);
        }
        if (DAMAGED.contains(code)) {
            return new StoreException(
                    what,
                    "what is sent is damaged on its way: look at what lies before the store; it is"
                            + " tried again by itself",
                    true,
                    answer);
        }
        if (WRONG_KEYS.contains(code) || status == 401 || status == 403) {
            return refused(what, code, answer);
        }
        boolean isPassing =
                (status >= 500 && status != 501) || status == 429 || PASSING.contains(code);
        return new StoreException(
                what,
                isPassing
                        ? "look at the store's health; this is tried again by itself"
                        : "the store did not understand; check that it is an S3 service and supports"
                                + " this operation",
                isPassing || isConflict(answer),
                answer);
    }

    private String what(String act, AwsServiceException answer) {
        return "cannot "
                + act
                + ": the store answered "
                + answer.statusCode()
                + " "
                + code(answer)
                + " ("
                + bucket
                + ")";
    }

    /** What arrived does not fit its signature. */
    static boolean isMismatch(AwsServiceException answer) {
        return MISMATCH.equals(code(answer));
    }

    /**
     * A signature that does not fit, by keys that did before. Over plain HTTP it covers what is
     * sent, so a bit that flips on the way looks like a wrong key.
     */
    StoreException mismatch(String act, AwsServiceException answer, boolean isTransient) {
        return new StoreException(
                what(act, answer),
                "either what is sent is damaged on its way: look at what lies before the store; or"
                        + " the secret key has been replaced meanwhile: check"
                        + " AWS_SECRET_ACCESS_KEY, or the profile in use",
                isTransient,
                answer);
    }

    private static StoreException refused(String what, String code, AwsServiceException answer) {
        String hint =
                WRONG_KEYS.contains(code)
                        ? "the credentials are wrong: check AWS_ACCESS_KEY_ID and"
                                + " AWS_SECRET_ACCESS_KEY, or the profile in use"
                        : "the store refused: check the credentials, and that they may read, write,"
                                + " list and delete in this bucket";
        return new StoreException(what, hint, false, answer);
    }

    private StoreException unanswered(String act, SdkException fault) {
        String where = bucket.options().endpoint().map(Object::toString).orElse("Amazon S3");
        String message = String.valueOf(fault.getMessage());
        if (message.contains("load credentials")) {
            return new StoreException(
                    "cannot " + act + ": no credentials for " + bucket,
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with"
                            + " AWS_PROFILE",
                    false,
                    fault);
        }
        if (hasCause(fault, SSLException.class)) {
            return new StoreException(
                    "cannot " + act + ": no trusted connection to " + where + ": " + message,
                    "check the certificate of the endpoint; name its authority by …?ca-file=/path.pem",
                    true,
                    fault);
        }
        boolean isUnreachable =
                hasCause(fault, ConnectException.class)
                        || hasCause(fault, UnknownHostException.class)
                        || hasCause(fault, NoRouteToHostException.class);
        String what =
                isUnreachable
                        ? "cannot " + act + ": endpoint " + where + " cannot be reached"
                        : "cannot " + act + ": no answer from " + where + ": " + message;
        return new StoreException(
                what + " (" + bucket + ")",
                "check the endpoint's address and port, the network, and that the store is running",
                true,
                fault);
    }

    /** The store has not been asked: something of this side is missing. */
    StoreException unprepared(SdkClientException fault) {
        String message = String.valueOf(fault.getMessage());
        // What follows lists each provider that was asked, with its address in memory.
        return message.contains("load region")
                ? new StoreException(
                        "cannot prepare access: no region for " + bucket,
                        "name the region in the URL (…?region=eu-central-1), in AWS_REGION, or in"
                                + " the profile in use",
                        false,
                        fault)
                : new StoreException(
                        "cannot prepare access to " + bucket + ": " + message,
                        "check the options in the repository's URL, and the AWS_ variables",
                        false,
                        fault);
    }

    /**
     * What every true answer holds. Status 200 alone is no confirmation: it may carry an error, or
     * come from something on the way that is no store at all.
     */
    static void requireConfirmed(String act, @Nullable Object confirmation) {
        if (confirmation == null) {
            throw new StoreException(
                    "cannot " + act + ": the answer says yes, but lacks what confirms it",
                    "see whether the endpoint is an S3 service; a proxy may answer in its place",
                    true,
                    null);
        }
    }

    /** The answer to a deletion of many names those that are gone and those that stay. */
    static void requireDeleted(int asked, DeleteObjectsResponse answer) {
        if (!answer.errors().isEmpty()) {
            S3Error first = answer.errors().getFirst();
            throw new StoreException(
                    "cannot delete "
                            + answer.errors().size()
                            + " objects, among them "
                            + first.key()
                            + ": "
                            + first.code(),
                    "check that the credentials may delete, and that no object lock forbids it",
                    answer.errors().stream().allMatch(error -> PASSING.contains(error.code())),
                    null);
        }
        requireConfirmed("delete objects", answer.deleted().size() < asked ? null : answer);
    }

    private static boolean hasCause(Throwable fault, Class<? extends Throwable> kind) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** The key was taken. */
    static boolean isTaken(SdkException fault) {
        return fault instanceof AwsServiceException answer && answer.statusCode() == 412;
    }

    /** Another write to the key was under way; Amazon's manual says to try again. */
    private static boolean isConflict(AwsServiceException answer) {
        return answer.statusCode() == 409;
    }

    static boolean isAbsent(SdkException fault) {
        return fault instanceof AwsServiceException answer
                && answer.statusCode() == 404
                && !"NoSuchBucket".equals(code(answer));
    }

    private static String code(AwsServiceException answer) {
        String code =
                answer.awsErrorDetails() == null ? null : answer.awsErrorDetails().errorCode();
        return code == null ? "" : code;
    }
}
