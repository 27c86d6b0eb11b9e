package io.matriarch.local.plan;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The texts that tell each part of a local cluster what it needs to know. */
public record LocalConfiguration(LocalDirectory directory, LocalPlan plan) {

    public static final String CLUSTER = "local";
    private static final String BUCKET = "matriarch";

    public String sidecar(String member) {
        LocalDirectory.Node node = directory.node(member);
        LocalShape shape = plan.shape();
        return """
        cluster: %s
        namespace: matriarch
        member: {name: %s, priority: %d}
        zookeeper: {connect: "%s", session-timeout: 5s, tick-time: 500ms}
        postgres:
          data-directory: "%s"
          control-directory: "%s"
          spool-directory: "%s"
          socket-directory: "%s"
          listen: "%s"
          superuser: postgres
          superuser-password-file: "%s"
          replication-user: replicator
          replication-password-file: "%s"
          application: {user: %s, database: %s, password-file: "%s"}
        repository: {url: "%s"}
        synchronous: {mode: "%s", quorum: 1}
        failsafe: %s
        backup: {schedule: "daily at 02:00"}
        retention: {count: 7, window: 7d}
        api: {listen: "%s"}
        """
                .formatted(
                        CLUSTER,
                        member,
                        shape.priorityOf(member),
                        plan.zooKeeper(),
                        node.data(),
                        node.control(),
                        node.spool(),
                        node.socket(),
                        plan.address(member + ".postgres"),
                        directory.secret("superuser"),
                        directory.secret("replication"),
                        shape.user(),
                        shape.database(),
                        directory.secret("application"),
                        repository(),
                        shape.sync(),
                        shape.failsafe(),
                        plan.address(member + ".api"));
    }

    public String ambassador() {
        return """
        cluster: %s
        namespace: matriarch
        zookeeper: {connect: "%s", session-timeout: 5s, tick-time: 500ms}
        read-write: "%s"
        read-only: "%s"
        state-directory: "%s"
        api: {listen: "%s"}
        """
                .formatted(
                        CLUSTER,
                        plan.zooKeeper(),
                        plan.address("ambassador.read-write"),
                        plan.address("ambassador.read-only"),
                        directory.ambassadorState(),
                        plan.address("ambassador.api"));
    }

    public String s3Server() {
        return """
        s3proxy.endpoint=http://%s
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.identity=local
        jclouds.credential=local
        jclouds.filesystem.basedir=%s
        """
                .formatted(
                        plan.address("s3"),
                        plan.secrets().accessKey(),
                        plan.secrets().secretKey(),
                        directory.s3Data());
    }

    /** The S3 server keeps a bucket as a directory: making it here saves a client. */
    public Path bucket() {
        return directory.s3Data().resolve(BUCKET);
    }

    public String repository() {
        return switch (plan.shape().store()) {
            case S3 ->
                    "s3://%s/archive?endpoint=http://%s&path-style=true&region=us-east-1"
                            .formatted(BUCKET, plan.address("s3"));
            case DIRECTORY -> "file://" + directory.archive();
        };
    }

    /** What a process needs in its environment to reach the repository, and nothing else. */
    public Map<String, String> repositoryEnvironment() {
        Map<String, String> environment = new LinkedHashMap<>();
        if (plan.shape().store() == LocalShape.Store.S3) {
            environment.put("AWS_ACCESS_KEY_ID", plan.secrets().accessKey());
            environment.put("AWS_SECRET_ACCESS_KEY", plan.secrets().secretKey());
        }
        return environment;
    }
}
