// SPDX-License-Identifier: Apache-2.0
// For tests: writes logs that carry the Transfer topic but are not a token transfer's: an NFT's four topics, data of the
// wrong length, dirt above an address, an absurd amount. Also any log at all, word by word.
pragma solidity ^0.8.20;

contract LogForger {
    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");
    string public constant symbol = "USDT";
    uint8 public decimals = 6;

    function setDecimals(uint8 value) external {
        decimals = value;
    }

    function _word(address who) private pure returns (bytes32) {
        return bytes32(uint256(uint160(who)));
    }

    function honest(address from, address to, uint256 value) external {
        write(TRANSFER, _word(from), _word(to), abi.encode(value));
    }

    function fourTopics(address from, address to, uint256 value) external {
        bytes32 topic = TRANSFER;
        bytes32 a = _word(from);
        bytes32 b = _word(to);
        assembly {
            log4(0, 0, topic, a, b, value)
        }
    }

    function shortData(address from, address to, uint256 value) external {
        write(TRANSFER, _word(from), _word(to), abi.encodePacked(uint128(value)));
    }

    function longData(address from, address to, uint256 value) external {
        write(TRANSFER, _word(from), _word(to), abi.encode(value, value));
    }

    function noData(address from, address to) external {
        write(TRANSFER, _word(from), _word(to), "");
    }

    function dirtyAddress(address from, address to, uint256 value) external {
        write(TRANSFER, _word(from), _word(to) | bytes32(uint256(0xdead) << 160), abi.encode(value));
    }

    function twoTopics(address from, address to, uint256 value) external {
        bytes memory data = abi.encode(to, value);
        bytes32 topic = TRANSFER;
        bytes32 a = _word(from);
        assembly {
            log2(add(data, 32), mload(data), topic, a)
        }
    }

    function write(bytes32 a, bytes32 b, bytes32 c, bytes memory data) public {
        assembly {
            log3(add(data, 32), mload(data), a, b, c)
        }
    }
}
