package io.matriarch.ambassador.relay;

import io.matriarch.elector.situation.Endpoint;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses of servers. Nothing on the data path asks a name server: members announce addresses,
 * and where one announces a name it is looked up beside the path, again after every failed connect;
 * an answer stays good until there is a better one.
 */
final class Addresses {

    private static final Logger log = LoggerFactory.getLogger(Addresses.class);

    private final Map<String, InetAddress> known = new ConcurrentHashMap<>();
    private final Set<String> asking = ConcurrentHashMap.newKeySet();

    /** The address, if it is known now; if not, it is being looked up. Never blocks. */
    @Nullable InetSocketAddress of(Endpoint endpoint) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(endpoint.host());
        if (literal != null) {
            try {
                return new InetSocketAddress(InetAddress.getByAddress(literal), endpoint.port());
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException("address: " + endpoint, impossible);
            }
        }
        InetAddress address = known.get(endpoint.host());
        if (address == null) {
            learn(endpoint);
            return null;
        }
        return new InetSocketAddress(address, endpoint.port());
    }

    /** Looks a name up, if it is one, unless that is under way. */
    void learn(Endpoint endpoint) {
        String host = endpoint.host();
        if (NetUtil.createByteArrayFromIpAddressString(host) == null && asking.add(host)) {
            Thread.ofVirtual().name("lookup-" + host).start(() -> lookUp(host));
        }
    }

    private void lookUp(String host) {
        try {
            known.put(host, InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            log.atWarn()
                    .addKeyValue("host", host)
                    .addKeyValue("error", e)
                    .log("name lookup failed");
        } finally {
            asking.remove(host);
        }
    }
}
