{
  "variables": { "cmake_js": "<!(node -p \"require.resolve('cmake-js/bin/cmake-js')\")" },
  "targets": [{
    "target_name": "everlearn", "type": "none",
    "actions": [{
      "action_name": "cmake_js", "message": "building with cmake-js",
      "inputs": ["CMakeLists.txt"], "outputs": ["<(PRODUCT_DIR)/everlearn.node"],
      "action": ["node", "<(cmake_js)", "compile", "--out", "cmake-build"]
    }]
  }]
}
