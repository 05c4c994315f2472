/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.c - the addresses at both ends of a datagram, and how large a datagram the way between them carries.
 *
 * A packed path is, on IP, a socket address and the local one: sockaddr_in (16) || local (16), sockaddr_in6 (28) ||
 * local (16); of UNIX sockets it is the socket address alone.
 */
#include "transport/datagram.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { IPV4_AND_UDP = 20 + 8, IPV6_AND_UDP = 40 + 8, UDP_MOST = 65507 };

static bool is_ip(const struct transport_address *address)
{
	return address->at.any.sa_family == AF_INET || address->at.any.sa_family == AF_INET6;
}

size_t path_pack(const struct datagram_path *path, uint8_t out[SECCOMM_ADDRESS_MAX])
{
	size_t length = path->remote.length;

	memcpy(out, &path->remote.at, length);
	if (!is_ip(&path->remote))
		return length;
	memcpy(out + length, &path->local, sizeof(path->local));
	return length + sizeof(path->local);
}

bool path_equal(const struct datagram_path *a, const struct datagram_path *b)
{
	return transport_address_same(&a->remote, &b->remote) &&
	       memcmp(&a->local, &b->local, sizeof(a->local)) == 0;
}

void path_unpack(const uint8_t *bytes, size_t length, struct datagram_path *out)
{
	memset(out, 0, sizeof(*out));
	if (length < sizeof(out->remote.at.any.sa_family))
		return; /* of a UNIX socket without a name */
	memcpy(&out->remote.at.any.sa_family, bytes, sizeof(out->remote.at.any.sa_family));
	if (is_ip(&out->remote)) {
		length -= sizeof(out->local);
		memcpy(&out->local, bytes + length, sizeof(out->local));
	}
	out->remote.length = (socklen_t)length;
	memcpy(&out->remote.at, bytes, length);
}

static void map_v4(const struct in_addr *v4, struct in6_addr *out)
{
	memset(out, 0, sizeof(*out));
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	memcpy(&out->s6_addr[12], v4, sizeof(*v4));
}

void path_read_control(struct msghdr *message, struct datagram_path *out)
{
	memset(&out->local, 0, sizeof(out->local));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			map_v4(&v4.ipi_spec_dst, &out->local);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof(v6));
			out->local = v6.ipi6_addr;
		}
	}
}

static size_t write_one(struct path_control *control, int level, int type, const void *value, size_t size)
{
	struct cmsghdr *head = (struct cmsghdr *)(void *)control->bytes;

	memset(control, 0, sizeof(*control));
	head->cmsg_level = level;
	head->cmsg_type = type;
	head->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(head), value, size);
	return CMSG_SPACE(size);
}

size_t path_write_control(const struct datagram_path *path, struct path_control *control)
{
	const struct transport_address *remote = &path->remote;
	struct in_pktinfo v4 = { .ipi_ifindex = 0 };
	struct in6_pktinfo v6 = { .ipi6_addr = path->local };

	if (!is_ip(remote) || IN6_IS_ADDR_UNSPECIFIED(&path->local))
		return 0;
	if (remote->at.any.sa_family == AF_INET) {
		memcpy(&v4.ipi_spec_dst, &path->local.s6_addr[12], sizeof(v4.ipi_spec_dst));
		return write_one(control, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	}
	/* An address that means something on one link only needs the link; others are left to the routes. */
	if (IN6_IS_ADDR_LINKLOCAL(&path->local))
		v6.ipi6_ifindex = remote->at.v6.sin6_scope_id;
	return write_one(control, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
}

/* Of the two families the one that FD is not refuses; a dual-stack socket takes both. */
void path_tell_local(int fd)
{
	inet_set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	inet_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

void path_never_fragment(int fd)
{
	inet_set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	inet_set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
}

static bool same_host(const struct transport_address *a, const struct transport_address *b)
{
	return a->at.any.sa_family == AF_INET
		   ? a->at.v4.sin_addr.s_addr == b->at.v4.sin_addr.s_addr
		   : memcmp(&a->at.v6.sin6_addr, &b->at.v6.sin6_addr, sizeof(a->at.v6.sin6_addr)) == 0;
}

bool path_has_moved(int fd, const struct transport_address *peer)
{
	struct transport_address was = { .length = sizeof(was.at) }, is = was;
	int trial = is_ip(peer) ? transport_socket(peer->at.any.sa_family, SOCK_DGRAM) : -1;
	/* Connecting sends nothing; it asks the routes. */
	bool known = trial >= 0 && connect(trial, &peer->at.any, peer->length) == 0 &&
		     getsockname(trial, &is.at.any, &is.length) == 0 && getsockname(fd, &was.at.any, &was.length) == 0;

	if (trial >= 0)
		close(trial);
	return known && !same_host(&was, &is);
}

/* An IPv4 address in its own form. */
static struct transport_address unmapped(const struct transport_address *address)
{
	struct transport_address out = *address;

	if (address->at.any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&address->at.v6.sin6_addr))
		return out;
	out = (struct transport_address){ .length = sizeof(out.at.v4) };
	out.at.v4.sin_family = AF_INET;
	out.at.v4.sin_port = address->at.v6.sin6_port;
	memcpy(&out.at.v4.sin_addr, &address->at.v6.sin6_addr.s6_addr[12], sizeof(out.at.v4.sin_addr));
	return out;
}

size_t path_limit(const struct transport_address *address)
{
	struct transport_address to = unmapped(address);
	bool v4 = to.at.any.sa_family == AF_INET;
	int mtu = 0, around = v4 ? IPV4_AND_UDP : IPV6_AND_UDP, fd;
	socklen_t size = sizeof(mtu);

	fd = is_ip(&to) ? transport_socket(to.at.any.sa_family, SOCK_DGRAM) : -1;
	if (fd < 0)
		return UDP_MOST;
	/* The routes know what routers have said about larger datagrams. */
	if (connect(fd, &to.at.any, to.length) < 0 ||
	    getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &size) < 0)
		mtu = 0;
	close(fd);
	return mtu > around && mtu - around < UDP_MOST ? (size_t)(mtu - around) : UDP_MOST;
}
