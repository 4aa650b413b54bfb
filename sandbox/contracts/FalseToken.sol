// SPDX-License-Identifier: Apache-2.0
// For tests: a token whose failed transfer succeeds as a transaction. It returns false, moves nothing and logs nothing.
pragma solidity ^0.8.20;

contract FalseToken {
    string public constant name = "Tether USD";
    string public constant symbol = "USDT";
    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
    }

    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return false;
    }
}
