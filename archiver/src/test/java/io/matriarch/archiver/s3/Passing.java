package io.matriarch.archiver.s3;

import java.util.Locale;

/**
 * A request on its way through a {@link FaultProxy}.
 *
 * @param target path and query as they were sent
 */
public record Passing(String method, String target) {

    /** What S3 calls it. */
    public enum Operation {
        PUT_OBJECT,
        HEAD_OBJECT,
        GET_OBJECT,
        LIST,
        DELETE_OBJECTS,
        CREATE_MULTIPART_UPLOAD,
        UPLOAD_PART,
        COMPLETE_MULTIPART_UPLOAD,
        ABORT_MULTIPART_UPLOAD,
        OTHER
    }

    public Operation operation() {
        return switch (method.toUpperCase(Locale.ROOT)) {
            case "PUT" -> asks("uploadId=") ? Operation.UPLOAD_PART : Operation.PUT_OBJECT;
            case "HEAD" -> Operation.HEAD_OBJECT;
            case "GET" ->
                    asks("list-type=") || asks("uploads") ? Operation.LIST : Operation.GET_OBJECT;
            case "DELETE" -> Operation.ABORT_MULTIPART_UPLOAD;
            case "POST" -> {
                if (asks("uploadId=")) {
                    yield Operation.COMPLETE_MULTIPART_UPLOAD;
                }
                yield asks("uploads")
                        ? Operation.CREATE_MULTIPART_UPLOAD
                        : Operation.DELETE_OBJECTS;
            }
            default -> Operation.OTHER;
        };
    }

    public boolean is(Operation operation) {
        return operation() == operation;
    }

    /** Whether it is about an object whose key ends so. */
    public boolean isOf(String keyEnd) {
        int question = target.indexOf('?');
        return (question < 0 ? target : target.substring(0, question)).endsWith(keyEnd);
    }

    private boolean asks(String beginning) {
        int question = target.indexOf('?');
        return question >= 0 && ("&" + target.substring(question + 1)).contains("&" + beginning);
    }
}
